/** Codes of PS3.16 (Annex D and the context groups named), and the few that there are none for. */
import type { DataSet } from '../../dicomweb/dataSet';
import { text } from '../../dicomweb/dataSet';
import type { KeyTitle } from '../keyTitles';
import { element } from './elements';
import { Tag } from './tags';

export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

function dcm(value: string, meaning: string): Code {
  return { value, scheme: 'DCM', meaning };
}

function sct(value: string, meaning: string): Code {
  return { value, scheme: 'SCT', meaning };
}

function ucum(value: string, meaning: string): Code {
  return { value, scheme: 'UCUM', meaning };
}

/** What the standard has no code for. */
export const ownScheme = '99FILMLESS';

function own(value: string, meaning: string): Code {
  return { value, scheme: ownScheme, meaning };
}

/** Names of content items. */
export const Concept = {
  report: dcm('126000', 'Imaging Measurement Report'),
  language: dcm('121049', 'Language of Content Item and Descendants'),
  observerType: dcm('121005', 'Observer Type'),
  personObserverName: dcm('121008', 'Person Observer Name'),
  procedureReported: dcm('121058', 'Procedure reported'),
  imageLibrary: dcm('111028', 'Image Library'),
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  modality: dcm('121139', 'Modality'),
  imagingMeasurements: dcm('126010', 'Imaging Measurements'),
  measurementGroup: dcm('125007', 'Measurement Group'),
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUid: dcm('112040', 'Tracking Unique Identifier'),
  imageRegion: dcm('111030', 'Image Region'),
  comment: dcm('121106', 'Comment'),
  derivation: dcm('121401', 'Derivation'),
  method: sct('370129005', 'Measurement Method'),
  kind: own('KIND', 'Kind of annotation'),
  labelPosition: own('LABELPOSITION', 'Position of the label'),
  length: sct('410668003', 'Length'),
  longAxis: sct('103339001', 'Long axis'),
  shortAxis: sct('103340004', 'Short axis'),
  angle: sct('1483009', 'Angle'),
  cobb: sct('285285000', 'Cobb angle'),
  ratio: own('CTR', 'Cardiothoracic ratio'),
  area: sct('42798000', 'Area'),
  attenuation: dcm('112031', 'Attenuation Coefficient'),
  suv: dcm('126400', 'Standardized Uptake Value'),
  value: own('VALUE', 'Pixel value'),
} as const satisfies Record<string, Code>;

export const Derivation = {
  mean: sct('373098007', 'Mean'),
  deviation: sct('386136009', 'Standard Deviation'),
  minimum: sct('255605001', 'Minimum'),
  maximum: sct('56851009', 'Maximum'),
} as const satisfies Record<string, Code>;

/** Values of content items. */
export const Term = {
  person: dcm('121006', 'Person'),
  /** CID 100, Quantitative Diagnostic Imaging Procedures, is a baseline; this is any of them. */
  imagingProcedure: sct('363679005', 'Imaging procedure'),
  detector: own('DETECTOR', 'In the plane of the detector'),
  manual: own('MANUAL', 'Calibrated by the reader on a known length'),
  lossy: own('LOSSY', 'On values that lossy compression changed'),
  region: own('REGION', 'Calibrated by an ultrasound region'),
} as const satisfies Record<string, Code>;

/** CID 7010, Key Object Selection Document Title. */
export const titleCodes: Readonly<Record<KeyTitle, Code>> = {
  ofInterest: dcm('113000', 'Of Interest'),
  forReferringProvider: dcm('113002', 'For Referring Provider'),
  forSurgery: dcm('113003', 'For Surgery'),
  forTeaching: dcm('113004', 'For Teaching'),
  forConference: dcm('113005', 'For Conference'),
  forTherapy: dcm('113006', 'For Therapy'),
  forPatient: dcm('113007', 'For Patient'),
  forPeerReview: dcm('113008', 'For Peer Review'),
  forResearch: dcm('113009', 'For Research'),
  forReportAttachment: dcm('113020', 'For Report Attachment'),
};

const units: Readonly<Record<string, Code>> = {
  mm: ucum('mm', 'mm'),
  mm2: ucum('mm2', 'mm2'),
  pixels: ucum('{pixels}', 'pixels'),
  pixels2: ucum('{pixels}2', 'square pixels'),
  deg: ucum('deg', 'degrees'),
  ratio: ucum('{ratio}', 'ratio'),
  HU: ucum("[hnsf'U]", 'Hounsfield unit'),
  SUVbw: ucum('g/ml{SUVbw}', 'Standardized Uptake Value body weight'),
  none: ucum('1', 'no units'),
};

/** The code of a unit; what a header says in words becomes an annotation of UCUM. */
export function unitCode(unit: string): Code {
  return units[unit] ?? ucum(`{${unit.replace(/[{}\s]/g, '')}}`.slice(0, 16), unit.slice(0, 64));
}

/** The unit of a code. */
export function unitOf(code: Code | undefined): string {
  const known = Object.entries(units).find(([, { value }]) => value === code?.value);
  return known?.[0] ?? code?.meaning ?? 'none';
}

export function isCode(code: Code | undefined, other: Code): boolean {
  return code?.value === other.value && code.scheme === other.scheme;
}

/** PS3.3 section 8, Coding of Entry Data. */
export function codeItem({ value, scheme, meaning }: Code): DataSet {
  return {
    [Tag.CodeValue]: element('SH', value),
    [Tag.CodingSchemeDesignator]: element('SH', scheme),
    [Tag.CodeMeaning]: element('LO', meaning),
  };
}

/** A value longer than 16 characters stands in an attribute of its own. */
export function readCode(item: DataSet | undefined): Code | undefined {
  const value = item && (text(item, Tag.CodeValue) ?? text(item, Tag.LongCodeValue) ?? text(item, Tag.UrnCodeValue));
  return item && value !== undefined
    ? { value, scheme: text(item, Tag.CodingSchemeDesignator) ?? '', meaning: text(item, Tag.CodeMeaning) ?? '' }
    : undefined;
}
