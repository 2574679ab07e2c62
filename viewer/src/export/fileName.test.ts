import { describe, expect, it } from 'vitest';
import type { Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { fileName, safePart } from './fileName';

const study: Study = {
  studyInstanceUid: '1.2' as StudyInstanceUid,
  patientName: 'NGUYỄN^VĂN ĐỨC',
  patientId: '../../BN 1\u0000',
  issuerOfPatientId: undefined,
  patientSex: undefined,
  patientBirthDate: '19700101',
  patientAge: undefined,
  studyDate: '20261123',
  studyTime: undefined,
  studyDescription: undefined,
  accessionNumber: undefined,
  modalities: [],
  seriesCount: undefined,
  instanceCount: undefined,
};
const what = { study, modality: 'CT', seriesNumber: 3, image: 12, code: 'ABCD-EFGH-JKMN' };

describe('the name of a file', () => {
  it('is made of safe characters', () => {
    expect(fileName(what, true, 'png')).toBe('BN-1_NGUYEN-VAN-DUC_20261123_CT_s3_i12_ABCD-EFGH-JKMN.png');
  });

  it('says nothing of the patient if that is not wanted', () => {
    expect(fileName(what, false, 'png')).toBe('CT_s3_i12_ABCD-EFGH-JKMN.png');
  });

  it('is there even if nothing of a text is left', () => {
    expect(safePart('陳大文')).toBe('');
    expect(fileName({ ...what, modality: '..', seriesNumber: undefined, image: undefined }, false, 'mp4')).toBe(
      'ABCD-EFGH-JKMN.mp4',
    );
  });
});
