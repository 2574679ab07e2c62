/**
 * A study of a phantom whose every point is known: a grey ball with a bright marker, cut by several series. Those of one
 * Frame of Reference are of one volume; the last has its own.
 */
import { type Belonging, element, imageFile, newUid } from './part10';

type Vector = readonly [number, number, number];

/** The place of the marker in the patient, in millimetres: right, in front and up of the middle. */
export const marker: Vector = [-20, -12, 24];

interface Cut {
  readonly description: string;
  readonly row: Vector;
  readonly column: Vector;
  /** From slice to slice. */
  readonly step: Vector;
  readonly slices: number;
  readonly pixelMm: number;
  readonly side: number;
  readonly frameOfReference?: 'own';
}

/** The series in the order of their numbers. */
export const cuts = [
  { description: 'AX 4 MM', row: [1, 0, 0], column: [0, 1, 0], step: [0, 0, 4], slices: 25, pixelMm: 2, side: 64 },
  { description: 'AX 8 MM', row: [1, 0, 0], column: [0, 1, 0], step: [0, 0, 8], slices: 13, pixelMm: 1, side: 128 },
  { description: 'SAG', row: [0, 1, 0], column: [0, 0, -1], step: [4, 0, 0], slices: 25, pixelMm: 2, side: 64 },
  { description: 'COR', row: [1, 0, 0], column: [0, 0, -1], step: [0, 4, 0], slices: 25, pixelMm: 2, side: 64 },
  {
    description: 'AX OTHER',
    row: [1, 0, 0],
    column: [0, 1, 0],
    step: [0, 0, 4],
    slices: 25,
    pixelMm: 2,
    side: 64,
    frameOfReference: 'own',
  },
] as const satisfies readonly Cut[];

function along(from: Vector, direction: Vector, distance: number): Vector {
  return [from[0] + direction[0] * distance, from[1] + direction[1] * distance, from[2] + direction[2] * distance];
}

function brightness(point: Vector): number {
  const fromMarker = Math.hypot(point[0] - marker[0], point[1] - marker[1], point[2] - marker[2]);
  return fromMarker < 6 ? 255 : Math.hypot(...point) < 55 ? 70 : 10;
}

/** Where slice `index` begins: the grid of every series is centred on the origin. */
function position({ row, column, step, slices, pixelMm, side }: Cut, index: number): Vector {
  const half = (pixelMm * (side - 1)) / 2;
  return along(along(along([0, 0, 0], step, index - (slices - 1) / 2), row, -half), column, -half);
}

function decimals(values: readonly number[]): string {
  return values.map((value) => String(value)).join('\\');
}

/** The files of a new study, and its UID. */
export function phantomStudy(patient: Pick<Belonging, 'patientName' | 'patientId' | 'studyDate'>) {
  const [study, frameOfReference] = [newUid(), newUid()];
  const files = cuts.flatMap((cut: Cut, number) => {
    const series = newUid();
    const own = cut.frameOfReference === 'own' ? newUid() : frameOfReference;
    return Array.from({ length: cut.slices }, (_, index) => {
      const start = position(cut, index);
      const pixels = Buffer.from(
        Array.from({ length: cut.side * cut.side }, (_, at) =>
          brightness(
            along(
              along(start, cut.row, (at % cut.side) * cut.pixelMm),
              cut.column,
              Math.floor(at / cut.side) * cut.pixelMm,
            ),
          ),
        ),
      );
      return imageFile(
        '1.2.840.10008.5.1.4.1.1.4',
        { ...patient, study, series, modality: 'MR' },
        { rows: cut.side, columns: cut.side, pixels, number: index + 1 },
        {
          group8: element(8, 0x103e, 'LO', cut.description),
          group20: Buffer.concat([
            element(0x20, 0x11, 'IS', String(number + 1)),
            element(0x20, 0x13, 'IS', String(index + 1)),
            element(0x20, 0x32, 'DS', decimals(start)),
            element(0x20, 0x37, 'DS', decimals([...cut.row, ...cut.column])),
            element(0x20, 0x52, 'UI', own),
          ]),
          group28: Buffer.concat([element(0x28, 0x30, 'DS', decimals([cut.pixelMm, cut.pixelMm]))]),
        },
      );
    });
  });
  return { study, files };
}
