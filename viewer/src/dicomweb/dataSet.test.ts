import { describe, expect, it } from 'vitest';
import { item, number, numbers, parseDataSet, parseDataSets, personName, text, texts } from './dataSet';
import { firstPart } from './multipart';
import { compareSeries, parseSeries } from './series';
import { parseStudy } from './studies';
import { sopInstanceUid, studyInstanceUid } from './uid';

describe('data sets', () => {
  it('are what is left when everything else is dropped', () => {
    expect(parseDataSets(null)).toEqual([]);
    expect(parseDataSets({ '00100010': {} })).toEqual([]);
    expect(parseDataSet({ '0010000a': { vr: 'LO', Value: ['x'] }, nonsense: 1, '00100020': 'x' })).toEqual({
      '0010000A': { vr: 'LO', Value: ['x'] },
    });
    expect(parseDataSet({ '00100020': { Value: 'not a list', InlineBinary: 5 } })).toEqual({
      '00100020': { vr: 'UN' },
    });
  });

  it('give text, numbers and items only where there are some', () => {
    const dataSet = parseDataSet({
      '00080060': { vr: 'CS', Value: [' CT ', null] },
      '00280030': { vr: 'DS', Value: ['0.5', 0.25, 'x', ''] },
      '00281050': { vr: 'DS' },
      '00283000': { vr: 'SQ', Value: [{ '00283002': { vr: 'US', Value: [1] } }] },
    });
    expect(text(dataSet, '00080060')).toBe('CT');
    expect(texts(dataSet, '00080061')).toEqual([]);
    expect(numbers(dataSet, '00280030')).toEqual([0.5, 0.25]);
    expect(number(dataSet, '00281050')).toBeUndefined();
    expect(item(dataSet, '00283000')).toEqual({ '00283002': { vr: 'US', Value: [1] } });
    expect(item(dataSet, '00281050')).toBeUndefined();
  });

  it('read names', () => {
    const name = (value: unknown) => personName(parseDataSet({ '00100010': { vr: 'PN', Value: [value] } }), '00100010');
    expect(name({ Alphabetic: 'NGUYỄN^VĂN AN' })).toBe('NGUYỄN VĂN AN');
    expect(name({ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' })).toBe('Yamada Tarou (山田 太郎)');
    expect(name({ Alphabetic: '^^^^' })).toBeUndefined();
    expect(name('Doe^Jane=x')).toBe('Doe Jane');
    expect(name(undefined)).toBeUndefined();
  });
});

describe('identifiers', () => {
  it('are digits and points only', () => {
    expect(studyInstanceUid('1.2.840')).toBe('1.2.840');
    for (const bad of ['', '../1', '1.2/3', 'a', '1'.repeat(65), undefined]) {
      expect(sopInstanceUid(bad)).toBeUndefined();
    }
  });
});

describe('studies and series', () => {
  it('without a UID are no rows', () => {
    expect(parseStudy({})).toBeUndefined();
    expect(parseSeries({ '0020000E': { vr: 'UI', Value: ['<script>'] } })).toBeUndefined();
  });

  it('give a row with what is there', () => {
    const study = parseStudy({
      '0020000D': { vr: 'UI', Value: ['1.2'] },
      '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
      '00201206': { vr: 'IS', Value: ['3'] },
    });
    expect(study).toMatchObject({
      studyInstanceUid: '1.2',
      modalities: ['CT', 'SR'],
      seriesCount: 3,
      patientName: undefined,
    });
  });

  it('put pictures before reports, then follow the numbers', () => {
    const series = (uid: string, modality: string, seriesNumber: number | undefined) => {
      const parsed = parseSeries({
        '0020000E': { vr: 'UI', Value: [uid] },
        '00080060': { vr: 'CS', Value: [modality] },
        '00200011': { vr: 'IS', Value: seriesNumber === undefined ? [] : [seriesNumber] },
      });
      if (!parsed) {
        throw new Error('a series with a UID is a series');
      }
      return parsed;
    };
    const list = [
      series('1.1', 'SR', 1),
      series('1.2', 'CT', undefined),
      series('1.3', 'CT', 5),
      series('1.4', 'CT', 2),
    ];
    expect(list.sort(compareSeries).map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([
      '1.4',
      '1.3',
      '1.2',
      '1.1',
    ]);
  });
});

describe('the first part', () => {
  const encode = (value: string) => new TextEncoder().encode(value);
  const body = encode('--b\r\nContent-Type: application/octet-stream\r\n\r\nab\r\nc\r\n--b--\r\n');

  it('is cut out of a multipart body, line ends inside it kept', () => {
    expect(firstPart('multipart/related; type="application/octet-stream"; boundary="b"', body)).toEqual(
      encode('ab\r\nc'),
    );
    expect(firstPart('multipart/related; boundary=b', body)).toEqual(encode('ab\r\nc'));
  });

  it('is the body itself otherwise', () => expect(firstPart('application/octet-stream', body)).toBe(body));

  it('is an error when the body is not what it claims', () => {
    expect(() => firstPart('multipart/related', body)).toThrow('boundary');
    expect(() => firstPart('multipart/related; boundary=x', body)).toThrow('part');
  });
});
