/** Whether studies are of one patient. */
import type { Study } from '../dicomweb/studies';

/** The same Patient ID of the same issuer (PS3.3 C.2.2, Patient Identification Module). Without an ID nobody is the same. */
export function isOfSamePatient(a: Study, b: Study): boolean {
  return a.patientId !== undefined && a.patientId === b.patientId && a.issuerOfPatientId === b.issuerOfPatientId;
}

/** Words without case, marks and order. */
function folded(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
  return plain.split(/\s+/).sort().join(' ');
}

/** Whether what else is known of them says so as well: an ID may have been given to the wrong person. */
export function isSurelyOfSamePatient(a: Study, b: Study): boolean {
  const agree = (one: string | undefined, other: string | undefined) => !one || !other || one === other;
  return (
    isOfSamePatient(a, b) &&
    agree(a.patientBirthDate, b.patientBirthDate) &&
    agree(a.patientSex, b.patientSex) &&
    agree(a.patientName && folded(a.patientName), b.patientName && folded(b.patientName))
  );
}
