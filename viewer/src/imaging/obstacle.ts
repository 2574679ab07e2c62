/** Why a browser does not show a document or a video. */
import type { RenderedHead } from '../dicomweb/renderedHead';

/** What stands in the way, as far as it can be told before the browser has tried. */
export type Obstacle = 'notPdf' | 'noPdfViewer' | 'container' | 'mpeg2' | 'h264' | 'h265' | 'unknownVideo';

/** Of a PDF. `hasViewer`: whether the browser shows such documents in a page. */
export function pdfObstacle(head: RenderedHead, hasViewer: boolean): Obstacle | undefined {
  if (head.mediaType !== 'application/pdf' || !new TextDecoder('latin1').decode(head.bytes).includes('%PDF-')) {
    return 'notPdf';
  }
  return hasViewer ? undefined : 'noPdfViewer';
}

interface Coding {
  readonly name: 'mpeg2' | 'h264' | 'h265';
  /** For the parameter of the media type (RFC 6381); of MPEG-2 there is none that browsers read. */
  readonly codecs: string | undefined;
}

/** What the transfer syntaxes of video begin with (PS3.6 annex A, Registry of DICOM Unique Identifiers). */
const root = '1.2.840.10008.1.2.4.';

/** What follows, with the profile and level that each is limited to (PS3.5 sections 8.2.5 to 8.2.11). */
const codings: readonly (readonly [transferSyntaxes: RegExp, coding: Coding])[] = [
  [/^10[01](\.1)?$/, { name: 'mpeg2', codecs: undefined }],
  [/^10[23](\.1)?$/, { name: 'h264', codecs: 'avc1.640029' }],
  [/^10[45](\.1)?$/, { name: 'h264', codecs: 'avc1.64002A' }],
  [/^106(\.1)?$/, { name: 'h264', codecs: 'avc1.80002A' }],
  [/^107$/, { name: 'h265', codecs: 'hvc1.1.6.L153.B0' }],
  [/^108$/, { name: 'h265', codecs: 'hvc1.2.4.L153.B0' }],
];

function codingOf(transferSyntaxUid = ''): Coding | undefined {
  const suffix = transferSyntaxUid.startsWith(root) ? transferSyntaxUid.slice(root.length) : '';
  return codings.find(([pattern]) => pattern.test(suffix))?.[1];
}

function withCodecs(mediaType: string, { codecs }: Coding): string {
  return codecs === undefined ? mediaType : `${mediaType}; codecs="${codecs}"`;
}

/** Of a video of this media type and transfer syntax. `canPlay`: what a browser says to a media type, nothing if it cannot. */
export function videoObstacle(
  { mediaType }: Pick<RenderedHead, 'mediaType'>,
  transferSyntaxUid: string | undefined,
  canPlay: (type: string) => CanPlayTypeResult,
): Obstacle | undefined {
  const coding = codingOf(transferSyntaxUid);
  if (!coding || !mediaType.startsWith('video/')) {
    return 'unknownVideo';
  }
  if (canPlay(withCodecs(mediaType, coding)) !== '') {
    return undefined;
  }
  const isOnlyContainer = coding.codecs !== undefined && canPlay(withCodecs('video/mp4', coding)) !== '';
  return isOnlyContainer ? 'container' : coding.name;
}
