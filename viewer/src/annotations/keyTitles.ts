/** What key images are selected for: the titles of CID 7010 (Key Object Selection Document Title) that readers choose from. */
export const keyTitles = [
  'ofInterest',
  'forReferringProvider',
  'forSurgery',
  'forTherapy',
  'forConference',
  'forTeaching',
  'forResearch',
  'forPeerReview',
  'forPatient',
  'forReportAttachment',
] as const;
export type KeyTitle = (typeof keyTitles)[number];

export const plainTitle: KeyTitle = 'ofInterest';
