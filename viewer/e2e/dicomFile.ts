/** Writes a small Secondary Capture file (PS3.10) in Explicit VR Little Endian with a name in UTF-8. */
import { randomUUID } from 'node:crypto';

const longForm = new Set(['OB', 'OW', 'SQ', 'UN']);

function element(group: number, number: number, vr: string, value: Buffer | string): Buffer {
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

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** A UID from a random number (PS3.5 B.2, UUID Derived UID). */
function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

export function dicomFile(patient: { readonly patientName: string; readonly patientId: string }): Buffer {
  const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
  const instance = newUid();
  const side = 64;
  const pixels = Buffer.from(Array.from({ length: side * side }, (_, index) => (index % side) * 4));
  const meta = Buffer.concat([
    element(2, 1, 'OB', Buffer.of(0, 1)),
    element(2, 2, 'UI', secondaryCapture),
    element(2, 3, 'UI', instance),
    element(2, 0x10, 'UI', '1.2.840.10008.1.2.1'),
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
    element(8, 0x16, 'UI', secondaryCapture),
    element(8, 0x18, 'UI', instance),
    element(8, 0x20, 'DA', '20260105'),
    element(8, 0x30, 'TM', '081500'),
    element(8, 0x60, 'CS', 'OT'),
    element(0x10, 0x10, 'PN', patient.patientName),
    element(0x10, 0x20, 'LO', patient.patientId),
    element(0x20, 0x0d, 'UI', newUid()),
    element(0x20, 0x0e, 'UI', newUid()),
    element(0x20, 0x13, 'IS', '1'),
    element(0x28, 2, 'US', unsigned(1)),
    element(0x28, 4, 'CS', 'MONOCHROME2'),
    element(0x28, 0x10, 'US', unsigned(side)),
    element(0x28, 0x11, 'US', unsigned(side)),
    element(0x28, 0x100, 'US', unsigned(8)),
    element(0x28, 0x101, 'US', unsigned(8)),
    element(0x28, 0x102, 'US', unsigned(7)),
    element(0x28, 0x103, 'US', unsigned(0)),
    element(0x7fe0, 0x10, 'OB', pixels),
  ]);
}
