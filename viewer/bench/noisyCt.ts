/** A study as large as a real one: slices of 512 by 512 with noise that is as hard to compress as that of a CT. */
import { element, imageFile, newUid } from '../e2e/part10';

const side = 512;

/** Repeatable noise, the sum of some even ones. */
function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return () => next() + next() + next() + next() - 2;
}

function pixels(slice: number): Buffer {
  const bytes = Buffer.alloc(2 * side * side);
  const random = noise(slice + 1);
  for (let at = 0; at < side * side; at += 1) {
    const [x, y] = [(at % side) - side / 2, Math.floor(at / side) - side / 2];
    const radius = Math.hypot(x, y * 1.2);
    const tissue = 40 + 30 * Math.sin(x / 25 + slice / 7) * Math.cos(y / 30);
    const value = radius > 245 ? -1000 : radius > 225 ? 700 : tissue + 22 * random();
    bytes.writeUInt16LE(Math.round(value) + 1024, 2 * at);
  }
  return bytes;
}

/** The files of a study with one series, and its UID. */
export function noisyCt(slices: number): { readonly study: string; readonly files: readonly Buffer[] } {
  const belonging = {
    patientName: 'Đo^Tốc Độ',
    patientId: 'BENCH-1',
    study: newUid(),
    series: newUid(),
    modality: 'CT',
  };
  const frameOfReference = newUid();
  const files = Array.from({ length: slices }, (_, slice) =>
    imageFile(
      '1.2.840.10008.5.1.4.1.1.2',
      belonging,
      { rows: side, columns: side, pixels: pixels(slice), number: slice + 1, bits: 16 },
      {
        group20: Buffer.concat([
          element(0x20, 0x11, 'IS', '1'),
          element(0x20, 0x13, 'IS', String(slice + 1)),
          element(0x20, 0x32, 'DS', `-150\\-150\\${-2 * slice}`),
          element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0'),
          element(0x20, 0x52, 'UI', frameOfReference),
        ]),
        group28: element(0x28, 0x30, 'DS', '0.6\\0.6'),
        voi: Buffer.concat([
          element(0x28, 0x1050, 'DS', '40'),
          element(0x28, 0x1051, 'DS', '400'),
          element(0x28, 0x1052, 'DS', '-1024'),
          element(0x28, 0x1053, 'DS', '1'),
        ]),
      },
    ),
  );
  return { study: belonging.study, files };
}
