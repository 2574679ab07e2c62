/** Colours of segments: as recommended, or else ones that are told apart. */
import type { Colour } from './model';

const distinct: readonly Colour[] = [
  [255, 99, 71],
  [56, 189, 248],
  [74, 222, 128],
  [251, 191, 36],
  [192, 132, 252],
  [244, 114, 182],
  [45, 212, 191],
  [251, 146, 60],
];

export function distinctColour(place: number): Colour {
  return distinct[place % distinct.length] ?? [255, 255, 255];
}

/** Of a white point: ICC profile connection space, which PS3.3 C.10.7.1.1 (Encoding of CIELab Values) refers to. */
const d50 = [0.9642, 1, 0.8249] as const;

/** From XYZ at D50 to linear sRGB (Bradford-adapted). */
const toLinear = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

function gamma(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(Math.max(value, 0), 1) * 255);
}

/** A Recommended Display CIELab Value, three words (PS3.3 C.10.7.1.1); undefined if it is none. */
export function colourOfLab(values: readonly number[]): Colour | undefined {
  const [first, second, third] = values;
  if (first === undefined || second === undefined || third === undefined) {
    return undefined;
  }
  const lightness = (first / 65535) * 100;
  const [a, b] = [(second / 65535) * 255 - 128, (third / 65535) * 255 - 128];
  const middle = (lightness + 16) / 116;
  const inverse = (value: number) => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29));
  const [x, y, z] = [d50[0] * inverse(middle + a / 500), d50[1] * inverse(middle), d50[2] * inverse(middle - b / 200)];
  const [red, green, blue] = toLinear.map((row) => gamma(row[0] * x + row[1] * y + row[2] * z));
  return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
}
