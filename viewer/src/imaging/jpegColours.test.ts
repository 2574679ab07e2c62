import { describe, expect, it } from 'vitest';
import { declareRgb } from './jpegColours';

const start = [0xff, 0xd8];
const jfif = [0xff, 0xe0, 0, 7, ...[...'JFIF'].map((letter) => letter.charCodeAt(0)), 0];
const adobe = [0xff, 0xee, 0, 14, ...[...'Adobe'].map((letter) => letter.charCodeAt(0)), 0, 100, 0, 0, 0, 0, 1];
const frame = (...ids: number[]) => [
  ...[0xff, 0xc0, 0, 8 + 3 * ids.length, 8, 0, 8, 0, 8, ids.length],
  ...ids.flatMap((id) => [id, 0x11, 0]),
];
const scan = (...ids: number[]) => [
  ...[0xff, 0xda, 0, 6 + 2 * ids.length, ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0],
  // Data with a stuffed byte and a restart marker.
  ...[1, 0xff, 0, 2, 0xff, 0xd0, 3],
];
const end = [0xff, 0xd9];

function declared(...parts: number[][]): number[] {
  const codestream = Uint8Array.from(parts.flat());
  declareRgb(codestream);
  return [...codestream];
}

describe('three components without a name', () => {
  it('are named in the frame header and in every scan', () => {
    expect(declared(start, frame(0, 1, 2), scan(0), scan(1, 2), end)).toEqual(
      [start, frame(0x52, 0x47, 0x42), scan(0x52), scan(0x47, 0x42), end].flat(),
    );
  });

  it('are named against JFIF, which is hidden', () => {
    const hidden = [0xff, 0xef, ...jfif.slice(2)];
    expect(declared(start, jfif, frame(1, 2, 3), scan(1, 2, 3), end)).toEqual(
      [start, hidden, frame(0x52, 0x47, 0x42), scan(0x52, 0x47, 0x42), end].flat(),
    );
  });
});

describe('a codestream is left alone', () => {
  it.each([
    ['that has said what it is', [start, adobe, frame(1, 2, 3), scan(1, 2, 3), end]],
    ['of one component', [start, jfif, frame(1), scan(1), end]],
    ['that is cut off in its header', [start, frame(1, 2, 3).slice(0, 12)]],
    ['that is none', [[1, 2, 3, 4, 5, 6]]],
    ['that is empty', [[]]],
  ])('%s', (_, parts) => {
    expect(declared(...parts)).toEqual(parts.flat());
  });
});
