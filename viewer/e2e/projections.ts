/** Studies of projection images that look like nothing in nature, but tell on the screen how they were hung. */
import { element, imageFile, newUid } from './part10';

const mammography = '1.2.840.10008.5.1.4.1.1.1.2';
const computedRadiography = '1.2.840.10008.5.1.4.1.1.1';

interface View {
  readonly laterality: 'L' | 'R';
  readonly view: 'CC' | 'MLO';
  /** Patient Orientation as it is stored. */
  readonly row: 'A' | 'P';
  readonly column: string;
  readonly rows: number;
  readonly columns: number;
}

/** The right breast as it is hung, the left one the other way round, one view upside down, and one larger than the others. */
export const views: readonly View[] = [
  { laterality: 'L', view: 'MLO', row: 'P', column: 'FR', rows: 150, columns: 100 },
  { laterality: 'R', view: 'CC', row: 'P', column: 'L', rows: 120, columns: 80 },
  { laterality: 'L', view: 'CC', row: 'P', column: 'L', rows: 120, columns: 80 },
  { laterality: 'R', view: 'MLO', row: 'P', column: 'FL', rows: 120, columns: 80 },
];

/** Half of an ellipse on the chest wall, black around it; the half above is a little brighter. */
function breast({ row, column, laterality, view, rows, columns }: View): Buffer {
  const isWallRight = row === 'P';
  const isUpsideDown = view === 'CC' ? column === (laterality === 'R' ? 'R' : 'L') : column.startsWith('H');
  const pixels = Buffer.alloc(rows * columns);
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      const fromWall = (isWallRight ? columns - 1 - x : x) / (0.8 * columns);
      const fromMiddle = (y - rows / 2) / (0.45 * rows);
      const isAbove = isUpsideDown ? y > rows / 2 : y < rows / 2;
      pixels[y * columns + x] = fromWall ** 2 + fromMiddle ** 2 < 1 ? (isAbove ? 230 : 150) : 0;
    }
  }
  return pixels;
}

interface Patient {
  readonly patientName: string;
  readonly patientId: string;
  readonly studyDate?: string;
}

/** Four views, each in a series of its own or all in one. */
export function mammogramStudy(patient: Patient, isOneSeries: boolean): { study: string; files: Buffer[] } {
  const study = newUid();
  const only = newUid();
  const files = views.map((shown, at) => {
    const belonging = { ...patient, study, series: isOneSeries ? only : newUid(), modality: 'MG' };
    const number = String(at + 1);
    return imageFile(
      mammography,
      belonging,
      { rows: shown.rows, columns: shown.columns, pixels: breast(shown), number: at + 1 },
      {
        group18: Buffer.concat([element(0x18, 0x1164, 'DS', '1\\1'), element(0x18, 0x5101, 'CS', shown.view)]),
        group20: Buffer.concat([
          element(0x20, 0x11, 'IS', isOneSeries ? '1' : number),
          element(0x20, 0x13, 'IS', number),
          element(0x20, 0x20, 'CS', `${shown.row}\\${shown.column}`),
          element(0x20, 0x62, 'CS', shown.laterality),
        ]),
      },
    );
  });
  return { study, files };
}

/** A chest in one series: these views, each of its own grey. */
export function chestStudy(
  patient: Patient,
  shown: readonly (readonly [view: string, grey: number])[],
): { study: string; files: Buffer[] } {
  const study = newUid();
  const series = newUid();
  const [rows, columns] = [64, 64];
  const files = shown.map(([view, grey], at) => {
    // One corner is bright, so that something is always on the screen.
    const pixels = Buffer.alloc(rows * columns, grey);
    pixels.fill(255, 0, 2 * columns);
    return imageFile(
      computedRadiography,
      { ...patient, study, series, modality: 'CR' },
      { rows, columns, pixels, number: at + 1 },
      {
        group18: Buffer.concat([element(0x18, 0x15, 'CS', 'CHEST'), element(0x18, 0x5101, 'CS', view)]),
        voi: Buffer.concat([element(0x28, 0x1050, 'DS', '128'), element(0x28, 0x1051, 'DS', '256')]),
      },
    );
  });
  return { study, files };
}
