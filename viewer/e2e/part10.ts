/** Puts DICOM files together (PS3.10), in Explicit VR Little Endian with texts in UTF-8. */
import { randomUUID } from 'node:crypto';

const longForm = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

export function element(group: number, number: number, vr: string, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const padding = Buffer.alloc(bytes.length % 2, vr === 'UI' || longForm.has(vr) ? 0 : 0x20);
  const length = bytes.length + padding.length;
  const header = Buffer.alloc(longForm.has(vr) ? 12 : 8);
  header.writeUInt16LE(group, 0);
  header.writeUInt16LE(number, 2);
  header.write(vr, 4, 'latin1');
  if (longForm.has(vr)) {
    header.writeUInt32LE(length, 8);
  } else {
    header.writeUInt16LE(length, 6);
  }
  return Buffer.concat([header, bytes, padding]);
}

export function unsigned(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) {
    bytes.writeUInt16LE(value, 2 * at);
  }
  return bytes;
}

/** An item of a sequence. */
export function item(...elements: readonly Buffer[]): Buffer {
  const content = Buffer.concat(elements);
  const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** A UID from a random number (PS3.5 B.2, UUID Derived UID). */
export function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** Who, which study and which series an instance belongs to. */
export interface Belonging {
  readonly patientName: string;
  readonly patientId: string;
  readonly study: string;
  readonly series: string;
  readonly modality: string;
  readonly studyDate?: string;
}

/** A file of an instance: the elements that every one has, then these further ones by ascending tag. */
function part10File(
  sopClass: string,
  transferSyntax: string,
  belonging: Belonging,
  more: { readonly group8: Buffer; readonly group18?: Buffer; readonly after: Buffer },
  instance = newUid(),
): Buffer {
  const meta = Buffer.concat([
    element(2, 1, 'OB', Buffer.of(0, 1)),
    element(2, 2, 'UI', sopClass),
    element(2, 3, 'UI', instance),
    element(2, 0x10, 'UI', transferSyntax),
    element(2, 0x12, 'UI', '2.25.1'),
  ]);
  const metaLength = Buffer.alloc(4);
  metaLength.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(2, 0, 'UL', metaLength),
    meta,
    element(8, 5, 'CS', 'ISO_IR 192'),
    element(8, 0x16, 'UI', sopClass),
    element(8, 0x18, 'UI', instance),
    element(8, 0x20, 'DA', belonging.studyDate ?? '20260105'),
    element(8, 0x30, 'TM', '081500'),
    element(8, 0x60, 'CS', belonging.modality),
    more.group8,
    element(0x10, 0x10, 'PN', belonging.patientName),
    element(0x10, 0x20, 'LO', belonging.patientId),
    more.group18 ?? Buffer.alloc(0),
    element(0x20, 0x0d, 'UI', belonging.study),
    element(0x20, 0x0e, 'UI', belonging.series),
    more.after,
  ]);
}

const nothing = Buffer.alloc(0);

interface Image {
  readonly rows: number;
  readonly columns: number;
  readonly pixels: Buffer;
  readonly number: number;
  readonly instance?: string;
  /** Number of Frames, true or not. */
  readonly frames?: string;
  /** Of a pixel; 8 if not given. */
  readonly bits?: 8 | 16;
}

/** A grey image with these further elements, given by ascending tag as the standard wants them. */
export function imageFile(
  sopClass: string,
  belonging: Belonging,
  image: Image,
  more: {
    readonly group8?: Buffer;
    readonly group18?: Buffer;
    readonly group20?: Buffer;
    readonly group28?: Buffer;
    readonly voi?: Buffer;
  } = {},
): Buffer {
  const { bits = 8 } = image;
  return part10File(
    sopClass,
    '1.2.840.10008.1.2.1',
    belonging,
    {
      group8: more.group8 ?? nothing,
      group18: more.group18 ?? nothing,
      after: Buffer.concat([
        more.group20 ?? element(0x20, 0x13, 'IS', String(image.number)),
        element(0x28, 2, 'US', unsigned(1)),
        element(0x28, 4, 'CS', 'MONOCHROME2'),
        image.frames === undefined ? nothing : element(0x28, 8, 'IS', image.frames),
        element(0x28, 0x10, 'US', unsigned(image.rows)),
        element(0x28, 0x11, 'US', unsigned(image.columns)),
        more.group28 ?? nothing,
        element(0x28, 0x100, 'US', unsigned(bits)),
        element(0x28, 0x101, 'US', unsigned(bits)),
        element(0x28, 0x102, 'US', unsigned(bits - 1)),
        element(0x28, 0x103, 'US', unsigned(0)),
        more.voi ?? nothing,
        element(0x7fe0, 0x10, bits === 8 ? 'OB' : 'OW', image.pixels),
      ]),
    },
    image.instance,
  );
}

/** Encapsulated PDF Storage: whatever is given as the document, under this title. */
export function pdfFile(
  belonging: Belonging,
  pdf: { readonly title: string; readonly document: Buffer; readonly number: number },
): Buffer {
  return part10File('1.2.840.10008.5.1.4.1.1.104.1', '1.2.840.10008.1.2.1', belonging, {
    group8: nothing,
    after: Buffer.concat([
      element(0x20, 0x13, 'IS', String(pdf.number)),
      element(0x42, 0x10, 'ST', pdf.title),
      element(0x42, 0x11, 'OB', pdf.document),
      element(0x42, 0x12, 'LO', 'application/pdf'),
    ]),
  });
}

/** Video Endoscopic Image Storage: a stream in this transfer syntax, in one fragment (PS3.5 A.4, Encapsulated Pixel Data). */
export function videoFile(belonging: Belonging, transferSyntax: string, stream: Buffer): Buffer {
  const item = (length: number) => {
    const header = Buffer.of(0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0);
    header.writeUInt32LE(length, 4);
    return header;
  };
  const pixelData = Buffer.of(0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff);
  const delimiter = Buffer.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0);
  return part10File('1.2.840.10008.5.1.4.1.1.77.1.1.1', transferSyntax, belonging, {
    group8: nothing,
    after: Buffer.concat([
      element(0x20, 0x13, 'IS', '1'),
      element(0x28, 2, 'US', unsigned(3)),
      element(0x28, 4, 'CS', 'YBR_PARTIAL_420'),
      element(0x28, 6, 'US', unsigned(0)),
      element(0x28, 8, 'IS', '25'),
      element(0x28, 0x10, 'US', unsigned(64)),
      element(0x28, 0x11, 'US', unsigned(64)),
      element(0x28, 0x100, 'US', unsigned(8)),
      element(0x28, 0x101, 'US', unsigned(8)),
      element(0x28, 0x102, 'US', unsigned(7)),
      element(0x28, 0x103, 'US', unsigned(0)),
      pixelData,
      item(0),
      item(stream.length),
      stream,
      delimiter,
    ]),
  });
}

/** Grayscale Softcopy Presentation State Storage for one image, under this label: what it shows is given by ascending tag. */
export function presentationStateFile(
  belonging: Belonging,
  state: {
    readonly label: string;
    readonly creator: string;
    readonly image: { readonly series: string; readonly instance: string; readonly sopClass: string };
    readonly group18?: Buffer;
    readonly group28?: Buffer;
    /** Attributes of group 0070 before Content Label. */
    readonly group70?: Buffer;
    readonly group6000?: Buffer;
    readonly shape: 'IDENTITY' | 'INVERSE';
  },
): Buffer {
  const { series, instance, sopClass } = state.image;
  const image = item(element(8, 0x1150, 'UI', sopClass), element(8, 0x1155, 'UI', instance));
  const images = item(element(8, 0x1140, 'SQ', image), element(0x20, 0x0e, 'UI', series));
  return part10File('1.2.840.10008.5.1.4.1.1.11.1', '1.2.840.10008.1.2.1', belonging, {
    group8: element(8, 0x1115, 'SQ', images),
    group18: state.group18 ?? nothing,
    after: Buffer.concat([
      element(0x20, 0x13, 'IS', '1'),
      state.group28 ?? nothing,
      state.group70 ?? nothing,
      element(0x70, 0x80, 'CS', state.label),
      element(0x70, 0x82, 'DA', '20260105'),
      element(0x70, 0x83, 'TM', '101500'),
      element(0x70, 0x84, 'PN', state.creator),
      element(0x2050, 0x20, 'CS', state.shape),
      state.group6000 ?? nothing,
    ]),
  });
}

/** A code (PS3.3 section 8.8). */
export function code(scheme: string, value: string, meaning: string): Buffer {
  return item(element(8, 0x100, 'SH', value), element(8, 0x102, 'SH', scheme), element(8, 0x104, 'LO', meaning));
}

/** Comprehensive SR Storage: whatever is given as further elements and as content items, under this title. */
export function reportFile(
  belonging: Belonging,
  report: { readonly title: Buffer; readonly header?: Buffer; readonly content: readonly Buffer[] },
): Buffer {
  return part10File('1.2.840.10008.5.1.4.1.1.88.33', '1.2.840.10008.1.2.1', belonging, {
    group8: nothing,
    after: Buffer.concat([
      element(0x20, 0x13, 'IS', '1'),
      element(0x40, 0xa040, 'CS', 'CONTAINER'),
      element(0x40, 0xa043, 'SQ', report.title),
      element(0x40, 0xa050, 'CS', 'SEPARATE'),
      report.header ?? nothing,
      element(0x40, 0xa730, 'SQ', Buffer.concat(report.content)),
    ]),
  });
}

/** A channel of a waveform: its samples, and what its definition says. */
interface Channel {
  readonly samples: readonly number[];
  readonly definition: readonly Buffer[];
}

/** General ECG Waveform Storage: channels of signed 16 bits at 500 Hz. */
export function ecgFile(belonging: Belonging, channels: readonly Channel[]): Buffer {
  const count = channels[0]?.samples.length ?? 0;
  const data = Buffer.alloc(2 * count * channels.length);
  channels.forEach(({ samples }, channel) => {
    samples.forEach((sample, at) => {
      data.writeInt16LE(sample, 2 * (at * channels.length + channel));
    });
  });
  const samples = Buffer.alloc(4);
  samples.writeUInt32LE(count);
  const group = item(
    element(0x3a, 5, 'US', unsigned(channels.length)),
    element(0x3a, 0x10, 'UL', samples),
    element(0x3a, 0x1a, 'DS', '500'),
    element(0x3a, 0x200, 'SQ', Buffer.concat(channels.map(({ definition }) => item(...definition)))),
    element(0x5400, 0x1004, 'US', unsigned(16)),
    element(0x5400, 0x1006, 'CS', 'SS'),
    element(0x5400, 0x1010, 'OW', data),
  );
  return part10File('1.2.840.10008.5.1.4.1.1.9.1.2', '1.2.840.10008.1.2.1', belonging, {
    group8: nothing,
    after: Buffer.concat([element(0x20, 0x13, 'IS', '1'), element(0x5400, 0x100, 'SQ', group)]),
  });
}

/** What a segmentation is made of. */
interface Segments {
  readonly coding: 'BINARY' | 'FRACTIONAL' | 'LABELMAP';
  readonly rows: number;
  readonly columns: number;
  readonly spacingMm: number;
  readonly frameOfReference: string;
  readonly labels: readonly string[];
  readonly frames: readonly {
    /** From 1; of a label map the pixels say it. */
    readonly segment?: number;
    readonly positionZ: number;
    /** SOP Instance UID of the image it was made of. */
    readonly image?: string;
    /** One byte a pixel. */
    readonly pixels: readonly number[];
  }[];
}

/** Of single bits the lowest comes first, over the ends of frames (PS3.5 section 8.1.1). */
function packed(pixels: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(pixels.length / 8));
  pixels.forEach((pixel, at) => {
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | ((pixel & 1) << (at & 7));
  });
  return bytes;
}

/** Segmentation Storage, or Label Map Segmentation Storage: axial frames from the corner 0, 0. */
export function segmentationFile(belonging: Belonging, segments: Segments): Buffer {
  const sequence = (group: number, number: number, ...elements: readonly Buffer[]) =>
    element(group, number, 'SQ', item(...elements));
  const isBinary = segments.coding === 'BINARY';
  const pixels = segments.frames.flatMap((frame) => frame.pixels);
  const perFrame = segments.frames.map(({ segment, positionZ, image }) =>
    item(
      image === undefined
        ? nothing
        : sequence(
            8,
            0x9124,
            sequence(8, 0x2112, element(8, 0x1150, 'UI', '1.2.840.10008.5.1.4.1.1.7'), element(8, 0x1155, 'UI', image)),
          ),
      sequence(0x20, 0x9113, element(0x20, 0x32, 'DS', `0\\0\\${positionZ}`)),
      segment === undefined ? nothing : sequence(0x62, 0xa, element(0x62, 0xb, 'US', unsigned(segment))),
    ),
  );
  const labels = segments.labels.map((label, place) =>
    item(element(0x62, 4, 'US', unsigned(place + 1)), element(0x62, 5, 'LO', label)),
  );
  const sopClass = `1.2.840.10008.5.1.4.1.1.66.${segments.coding === 'LABELMAP' ? 7 : 4}`;
  return part10File(sopClass, '1.2.840.10008.1.2.1', belonging, {
    group8: nothing,
    after: Buffer.concat([
      element(0x20, 0x13, 'IS', '1'),
      element(0x20, 0x52, 'UI', segments.frameOfReference),
      element(0x28, 2, 'US', unsigned(1)),
      element(0x28, 4, 'CS', 'MONOCHROME2'),
      element(0x28, 8, 'IS', String(segments.frames.length)),
      element(0x28, 0x10, 'US', unsigned(segments.rows)),
      element(0x28, 0x11, 'US', unsigned(segments.columns)),
      element(0x28, 0x100, 'US', unsigned(isBinary ? 1 : 8)),
      element(0x28, 0x101, 'US', unsigned(isBinary ? 1 : 8)),
      element(0x28, 0x102, 'US', unsigned(isBinary ? 0 : 7)),
      element(0x28, 0x103, 'US', unsigned(0)),
      element(0x62, 1, 'CS', segments.coding),
      element(0x62, 2, 'SQ', Buffer.concat(labels)),
      segments.coding === 'FRACTIONAL' ? element(0x62, 0xe, 'US', unsigned(200)) : nothing,
      element(0x70, 0x80, 'CS', segments.coding),
      sequence(
        0x5200,
        0x9229,
        sequence(0x20, 0x9116, element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0')),
        sequence(0x28, 0x9110, element(0x28, 0x30, 'DS', `${segments.spacingMm}\\${segments.spacingMm}`)),
      ),
      element(0x5200, 0x9230, 'SQ', Buffer.concat(perFrame)),
      element(0x7fe0, 0x10, 'OB', isBinary ? packed(pixels) : Buffer.from(pixels)),
    ]),
  });
}
