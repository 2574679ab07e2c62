/**
 * Series of which every voxel is known: a dim ball with three bright markers, at the patient's left, in front and at the
 * head, taken in whatever planes and order a test wants.
 */
import { element, imageFile, newUid } from './part10';

export type Vector = readonly [number, number, number];

const side = 48;
const pixelMm = 2;

/** The markers, from the middle of the volume, in millimetres. */
export const markers = { left: [30, 0, 0], front: [0, -30, 0], head: [0, 0, 30] } as const satisfies Record<
  string,
  Vector
>;

export const values = { air: 0, ball: 60, left: 255, front: 200, head: 150, dark: 5 } as const;

export interface Taken {
  readonly description: string;
  readonly row: Vector;
  readonly column: Vector;
  /** From slice to slice. */
  readonly step: Vector;
  readonly slices: number;
  /** Places of slices that are left out. */
  readonly without?: readonly number[];
  /** Numbers and order are no help. */
  readonly isShuffled?: boolean;
  readonly modality?: string;
  readonly hasNoGeometry?: boolean;
  /** In place of the ball with its markers. */
  readonly valueAt?: (point: Vector) => number;
}

export const planes = {
  axial: { row: [1, 0, 0], column: [0, 1, 0], step: [0, 0, 2], slices: side },
  /** Feet first, face down: rows run to the right, columns to the front, slices to the feet. */
  feetFirst: { row: [-1, 0, 0], column: [0, -1, 0], step: [0, 0, -2], slices: side },
  sagittal: { row: [0, 1, 0], column: [0, 0, -1], step: [2, 0, 0], slices: side },
  coronal: { row: [1, 0, 0], column: [0, 0, -1], step: [0, 2, 0], slices: side },
  /** A gantry tilted by about 20°: the table moves along the body, the slices lean. */
  tilted: {
    row: [1, 0, 0],
    column: [0, Math.cos(Math.PI / 9), -Math.sin(Math.PI / 9)],
    step: [0, 0, 2],
    slices: side,
  },
} as const satisfies Record<string, Pick<Taken, 'row' | 'column' | 'step' | 'slices'>>;

function along(from: Vector, direction: Vector, distance: number): Vector {
  return [from[0] + direction[0] * distance, from[1] + direction[1] * distance, from[2] + direction[2] * distance];
}

function distance(a: Vector, b: Vector): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function ball(point: Vector): number {
  for (const name of ['left', 'front', 'head'] as const) {
    if (distance(point, markers[name]) < 6) {
      return values[name];
    }
  }
  if (distance(point, [-20, 20, 0]) < 6) {
    return values.dark;
  }
  return Math.hypot(...point) < 42 ? values.ball : values.air;
}

function decimals(numbers: readonly number[]): string {
  return numbers.map((number) => String(Number(number.toFixed(6)))).join('\\');
}

/** The files of a study of these series, and the UIDs of both. */
export function volumeStudy(
  patient: { readonly patientName: string; readonly patientId: string },
  taken: readonly Taken[],
) {
  const [study, frameOfReference] = [newUid(), newUid()];
  const series = taken.map(() => newUid());
  const files = taken.flatMap((cut, number) => {
    const places = Array.from({ length: cut.slices }, (_, index) => index).filter(
      (index) => !cut.without?.includes(index),
    );
    // 7 has no divisor in common with these counts: every slice once, in an order of its own.
    const ordered = cut.isShuffled ? places.map((_, at) => places[(at * 7 + 3) % places.length] ?? 0) : places;
    return ordered.map((index, at) => {
      const half = (pixelMm * (side - 1)) / 2;
      const middle = along([0, 0, 0], cut.step, index - (cut.slices - 1) / 2);
      const start = along(along(middle, cut.row, -half), cut.column, -half);
      const pixels = Buffer.from(
        Array.from({ length: side * side }, (_, pixel) =>
          (cut.valueAt ?? ball)(
            along(along(start, cut.row, (pixel % side) * pixelMm), cut.column, Math.floor(pixel / side) * pixelMm),
          ),
        ),
      );
      return imageFile(
        '1.2.840.10008.5.1.4.1.1.4',
        { ...patient, study, series: series[number] ?? '', modality: cut.modality ?? 'MR' },
        { rows: side, columns: side, pixels, number: at + 1 },
        {
          group8: element(8, 0x103e, 'LO', cut.description),
          group20: Buffer.concat([
            element(0x20, 0x11, 'IS', String(number + 1)),
            element(0x20, 0x13, 'IS', String(at + 1)),
            ...(cut.hasNoGeometry
              ? []
              : [
                  element(0x20, 0x32, 'DS', decimals(start)),
                  element(0x20, 0x37, 'DS', decimals([...cut.row, ...cut.column])),
                  element(0x20, 0x52, 'UI', frameOfReference),
                ]),
          ]),
          group28: element(0x28, 0x30, 'DS', decimals([pixelMm, pixelMm])),
          voi: Buffer.concat([element(0x28, 0x1050, 'DS', '128'), element(0x28, 0x1051, 'DS', '256')]),
        },
      );
    });
  });
  return { study, series, files };
}
