/**
 * A CT and PET of one patient on one table, of which every voxel is known: a bright marker in the CT, and a hot spot in
 * the PET about the same point, whose slices are coarser, begin elsewhere and lie turned. A further PET has a Frame of
 * Reference of its own.
 */
import { element, imageFile, item, newUid } from './part10';

export type Vector = readonly [number, number, number];

/** In the patient, in millimetres from the middle of the CT. */
export const marker: Vector = [20, -12, 10];

/** By weight and dose, so many SUV are one Bq/ml, of which each step of the pixels is 100. */
const [weightKg, doseBq, slope] = [70, 350e6, 100];
export const uptake = { hot: (200 * slope * weightKg * 1000) / doseBq, body: (10 * slope * weightKg * 1000) / doseBq };
export const hounsfield = { marker: 800, body: 40 } as const;

interface Scan {
  readonly modality: 'CT' | 'PT';
  readonly description: string;
  readonly row: Vector;
  readonly column: Vector;
  readonly step: Vector;
  /** The centre of the whole. */
  readonly centre: Vector;
  readonly side: number;
  readonly slices: number;
  readonly pixelMm: number;
  readonly valueAt: (point: Vector) => number;
  readonly ownFrameOfReference?: boolean;
}

function along(from: Vector, direction: Vector, distance: number): Vector {
  return [from[0] + direction[0] * distance, from[1] + direction[1] * distance, from[2] + direction[2] * distance];
}

function fromMarker(point: Vector): number {
  return Math.hypot(point[0] - marker[0], point[1] - marker[1], point[2] - marker[2]);
}

const [cos, sin] = [Math.cos(Math.PI / 9), Math.sin(Math.PI / 9)];
const ct = {
  modality: 'CT',
  row: [1, 0, 0],
  column: [0, 1, 0],
  step: [0, 0, 2],
  centre: [0, 0, 0],
  side: 64,
  slices: 40,
  pixelMm: 1.5,
} as const;
const pet = {
  modality: 'PT',
  // Coronal slices, turned by 20° about the axis of the body.
  row: [cos, sin, 0],
  column: [0, 0, -1],
  step: [-4 * sin, 4 * cos, 0],
  centre: [7, -5, 3],
  side: 28,
  slices: 26,
  pixelMm: 3.5,
} as const;

const hot = (point: Vector) => (fromMarker(point) < 9 ? 200 : Math.hypot(...point) < 40 ? 10 : 0);

const scans: readonly Scan[] = [
  {
    ...ct,
    description: 'FUSION CT',
    // Stored with an intercept of -1000 and a slope of 10.
    valueAt: (point) =>
      fromMarker(point) < 4
        ? (hounsfield.marker + 1000) / 10
        : Math.hypot(...point) < 42
          ? (hounsfield.body + 1000) / 10
          : 0,
  },
  { ...pet, description: 'FUSION PET', valueAt: hot },
  { ...pet, description: 'FUSION PET ELSEWHERE', valueAt: hot, ownFrameOfReference: true },
];

function decimals(numbers: readonly number[]): string {
  return numbers.map((number) => String(Number(number.toFixed(6)))).join('\\');
}

/** PS3.3 C.8.9.1 (PET Series) and C.8.9.2 (PET Isotope): counts of becquerel, corrected to the time of injection. */
const petSeries = Buffer.concat([
  element(0x54, 0x16, 'SQ', item(element(0x18, 0x1074, 'DS', String(doseBq)), element(0x18, 0x1075, 'DS', '6586.2'))),
  element(0x54, 0x1001, 'CS', 'BQML'),
  element(0x54, 0x1102, 'CS', 'ADMIN'),
]);

/** The files of the study, and its UIDs. */
export function fusionStudy(patient: { readonly patientName: string; readonly patientId: string }) {
  const [study, frameOfReference] = [newUid(), newUid()];
  const series = scans.map(() => newUid());
  const files = scans.flatMap((scan, number) => {
    const own = scan.ownFrameOfReference ? newUid() : frameOfReference;
    const isCt = scan.modality === 'CT';
    return Array.from({ length: scan.slices }, (_, index) => {
      const half = (scan.pixelMm * (scan.side - 1)) / 2;
      const middle = along(scan.centre, scan.step, index - (scan.slices - 1) / 2);
      const start = along(along(middle, scan.row, -half), scan.column, -half);
      const pixels = Buffer.from(
        Array.from({ length: scan.side ** 2 }, (_, pixel) => {
          const right = along(start, scan.row, (pixel % scan.side) * scan.pixelMm);
          return scan.valueAt(along(right, scan.column, Math.floor(pixel / scan.side) * scan.pixelMm));
        }),
      );
      return imageFile(
        isCt ? '1.2.840.10008.5.1.4.1.1.2' : '1.2.840.10008.5.1.4.1.1.128',
        { ...patient, study, series: series[number] ?? '', modality: scan.modality },
        { rows: scan.side, columns: scan.side, pixels, number: index + 1 },
        {
          group8: element(8, 0x103e, 'LO', scan.description),
          group18: isCt ? Buffer.alloc(0) : element(0x10, 0x1030, 'DS', String(weightKg)),
          group20: Buffer.concat([
            element(0x20, 0x11, 'IS', String(number + 1)),
            element(0x20, 0x13, 'IS', String(index + 1)),
            element(0x20, 0x32, 'DS', decimals(start)),
            element(0x20, 0x37, 'DS', decimals([...scan.row, ...scan.column])),
            element(0x20, 0x52, 'UI', own),
          ]),
          group28: Buffer.concat([
            element(0x28, 0x30, 'DS', decimals([scan.pixelMm, scan.pixelMm])),
            ...(isCt ? [] : [element(0x28, 0x51, 'CS', 'ATTN\\DECY')]),
          ]),
          voi: Buffer.concat([
            ...(isCt ? [element(0x28, 0x1050, 'DS', '40'), element(0x28, 0x1051, 'DS', '1000')] : []),
            element(0x28, 0x1052, 'DS', isCt ? '-1000' : '0'),
            element(0x28, 0x1053, 'DS', isCt ? '10' : String(slope)),
            ...(isCt ? [element(0x28, 0x1054, 'LO', 'HU')] : [petSeries]),
          ]),
        },
      );
    });
  });
  return { study, series, files };
}
