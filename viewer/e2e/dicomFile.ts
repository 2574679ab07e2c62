/** A small Secondary Capture file of a patient of this name, of a study of its own unless one is named. */
import { imageFile, newUid } from './part10';

export function dicomFile(patient: {
  readonly patientName: string;
  readonly patientId: string;
  readonly study?: string;
  readonly modality?: string;
}): Buffer {
  const side = 64;
  return imageFile(
    '1.2.840.10008.5.1.4.1.1.7',
    { study: newUid(), series: newUid(), modality: 'OT', ...patient },
    {
      rows: side,
      columns: side,
      pixels: Buffer.from(Array.from({ length: side * side }, (_, index) => (index % side) * 4)),
      number: 1,
    },
  );
}
