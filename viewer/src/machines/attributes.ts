/** Attributes that rules are mostly about, by their keywords (PS3.6 section 6, Registry of DICOM Data Elements). */
export const usualAttributes: readonly string[] = [
  'Modality',
  'BodyPartExamined',
  'StudyDescription',
  'SeriesDescription',
  'ProtocolName',
  'StationName',
  'InstitutionName',
  'InstitutionalDepartmentName',
  'ManufacturerModelName',
  'ReferringPhysicianName',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'AccessionNumber',
  'StudyID',
];
