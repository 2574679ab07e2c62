import { expect, it } from 'vitest';
import { withStoredSign } from './sign';

const unscaled = { slope: 1, intercept: 0 };

it('is taken from the bits where the codestream has none and the data set has', () => {
  const pixels = Uint16Array.of(0, 1, 2047, 2048, 4095);
  expect(withStoredSign(pixels, [0, 4095], { bits: 12, isSigned: true }, unscaled)).toEqual(
    Float32Array.of(0, 1, 2047, -2048, -1),
  );
});

it('is taken away where the codestream has one and the data set has not', () => {
  const pixels = Int16Array.of(0, 1, 32_767, -32_768, -1);
  expect(withStoredSign(pixels, [-32_768, 32_767], { bits: 16, isSigned: false }, unscaled)).toEqual(
    Float32Array.of(0, 1, 32_767, 32_768, 65_535),
  );
});

it('is left as it is where both agree', () => {
  expect(withStoredSign(Int16Array.of(-5, 5), [-5, 5], { bits: 12, isSigned: true }, unscaled)).toBeUndefined();
  expect(withStoredSign(Uint16Array.of(0, 4095), [0, 4095], { bits: 12, isSigned: false }, unscaled)).toBeUndefined();
});

it('is that of the stored values, not of the output values', () => {
  const rescale = { slope: 2, intercept: -1000 };
  const unsigned = { bits: 12, isSigned: false };
  expect(withStoredSign(Int16Array.of(-1000, 1000), [-1000, 1000], unsigned, rescale)).toBeUndefined();
  const signed = { bits: 12, isSigned: true };
  expect(withStoredSign(Int16Array.of(-1000, 7190), [-1000, 7190], signed, rescale)).toEqual(
    Float32Array.of(-1000, -1002),
  );
});

it('does not count bits above those that are stored', () => {
  const pixels = Uint16Array.of(7, 0x8007, 0x7fff);
  expect(withStoredSign(pixels, [7, 0x8007], { bits: 12, isSigned: false }, unscaled)).toEqual(
    Float32Array.of(7, 7, 4095),
  );
  expect(withStoredSign(Int16Array.of(7, -32_761), [-32_761, 7], { bits: 12, isSigned: true }, unscaled)).toEqual(
    Float32Array.of(7, 7),
  );
});
