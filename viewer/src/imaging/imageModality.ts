/** What series usually hold, by their modality (PS3.3 C.7.3.1.1.1): all that is known of them in a list. */

const otherModalities = new Set([
  'SR',
  'KO',
  'PR',
  'SEG',
  'RTSTRUCT',
  'RTPLAN',
  'RTDOSE',
  'RTRECORD',
  'DOC',
  'ECG',
  'REG',
  'PLAN',
  'M3D',
  'HD',
  'EPS',
  'RESP',
  'FID',
  'RWV',
]);

/** Whether series of this modality usually hold pictures. */
export function isImageModality(modality: string): boolean {
  return !otherModalities.has(modality);
}
