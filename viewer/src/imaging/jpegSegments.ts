/** The marker segments of a JPEG codestream (ITU-T T.81 B.1.1, General aspects of the compressed data format specifications). */

export const Marker = {
  startOfImage: 0xd8,
  startOfScan: 0xda,
  application0: 0xe0,
  application14: 0xee,
  application15: 0xef,
} as const;

export interface Segment {
  readonly marker: number;
  /** Where its marker stands. */
  readonly at: number;
  /** Behind its marker and its length. */
  readonly parameters: Uint8Array;
}

function isStandalone(marker: number): boolean {
  // Stuffed bytes, fill bytes, TEM and RST0 to EOI have no length.
  return marker <= 0x01 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd9);
}

/** Those that have a length, in order, as far as they are whole; none if it is no JPEG. Their parameters are the very bytes. */
export function* segmentsOf(codestream: Uint8Array): Generator<Segment> {
  if (codestream.length < 4 || codestream[0] !== 0xff || codestream[1] !== Marker.startOfImage) {
    return;
  }
  let at = 2;
  while (at + 3 < codestream.length) {
    const marker = codestream[at + 1] ?? 0;
    if (codestream[at] !== 0xff || isStandalone(marker)) {
      // Entropy-coded data, in which 0xFF is always followed by what has no length.
      at = codestream.indexOf(0xff, at + 1);
      if (at < 0) {
        return;
      }
      continue;
    }
    const length = (codestream[at + 2] ?? 0) * 0x100 + (codestream[at + 3] ?? 0);
    if (length < 2 || at + 2 + length > codestream.length) {
      return;
    }
    yield { marker, at, parameters: codestream.subarray(at + 4, at + 2 + length) };
    at += 2 + length;
  }
}
