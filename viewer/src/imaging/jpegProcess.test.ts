import { describe, expect, it } from 'vitest';
import { correctJpegSyntax, jpegTransferSyntax } from './jpegProcess';

/** A codestream up to its frame header: SOI, one APP0 to skip, SOFn. */
function codestream(frameMarker: number, precision = 8): number[] {
  const frame = [0xff, frameMarker, 0, 11, precision, 0, 8, 0, 8, 1, 1, 0x11, 0];
  return [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xc3, 0xc3, ...frame, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0];
}

function answer(syntax: string, stream: number[]): Uint8Array {
  const head = `--b\r\nContent-Type: application/octet-stream; transfer-syntax=${syntax}\r\n\r\n`;
  return Uint8Array.of(...new TextEncoder().encode(head), ...stream);
}

const syntaxOf = (body: Uint8Array) => /transfer-syntax=([\d.]+)/.exec(new TextDecoder('latin1').decode(body))?.[1];

describe('the kind of a JPEG codestream', () => {
  const check = (marker: number, precision: number, expected: string | undefined) =>
    expect(jpegTransferSyntax(Uint8Array.from(codestream(marker, precision)))?.slice(-2)).toBe(expected);

  it('is read from its frame header', () => {
    check(0xc0, 8, '50');
    check(0xc1, 12, '51');
    check(0xc1, 8, '50');
    check(0xc3, 16, '70');
    check(0xf7, 8, undefined);
  });

  it('is unknown of anything else', () => {
    for (const bytes of [
      [],
      [0xff, 0xd8],
      [1, 2, 3, 4, 5],
      [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
    ]) {
      expect(jpegTransferSyntax(Uint8Array.from(bytes))).toBeUndefined();
    }
  });
});

describe('correcting a declaration', () => {
  const corrected = (syntax: string, stream: number[]) => {
    const body = answer(syntax, stream);
    const { length } = body;
    correctJpegSyntax(body);
    expect(body.length).toBe(length);
    return syntaxOf(body);
  };

  it('replaces one that does not fit', () => {
    expect(corrected('1.2.840.10008.1.2.4.70', codestream(0xc0))).toBe('1.2.840.10008.1.2.4.50');
    expect(corrected('1.2.840.10008.1.2.4.70', codestream(0xc1, 12))).toBe('1.2.840.10008.1.2.4.51');
    expect(corrected('1.2.840.10008.1.2.4.50', codestream(0xc3))).toBe('1.2.840.10008.1.2.4.70');
  });

  it('leaves those that fit, and other syntaxes, alone', () => {
    for (const [syntax, marker] of [
      ['1.2.840.10008.1.2.4.50', 0xc0],
      ['1.2.840.10008.1.2.4.51', 0xc0],
      ['1.2.840.10008.1.2.4.57', 0xc3],
      ['1.2.840.10008.1.2.4.70', 0xc3],
      ['1.2.840.10008.1.2.4.80', 0xc0],
      ['1.2.840.10008.1.2.1', 0xc0],
    ] as const) {
      expect(corrected(syntax, codestream(marker))).toBe(syntax);
    }
  });

  it('leaves what is no multipart answer alone', () => {
    const body = Uint8Array.from(codestream(0xc0));
    correctJpegSyntax(body);
    expect([...body]).toEqual(codestream(0xc0));
  });
});
