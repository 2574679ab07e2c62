// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { parseNativeModel } from '../../dicomweb/nativeModel';
import { attributesOf, nameOfKeyword } from './attributes';
import { shownRows } from './shownRows';

const rowsOf = (inner: string) =>
  attributesOf(parseNativeModel(`<NativeDicomModel xml:space="preserve">${inner}</NativeDicomModel>`));

const name = `<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1"><Alphabetic>
<FamilyName>Nguyễn</FamilyName><MiddleName>Thị</MiddleName></Alphabetic><Ideographic><FamilyName>阮</FamilyName></Ideographic></PersonName></DicomAttribute>`;
const sequence = (items: number) =>
  `<DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence">${Array.from(
    { length: items },
    (_, at) =>
      `<Item number="${at + 1}"><DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID"><Value number="1">1.2.${at}</Value></DicomAttribute></Item>`,
  ).join('')}</DicomAttribute>`;
const privateOne =
  '<DicomAttribute tag="00091010" vr="LO" privateCreator="SIEMENS CT"><Value number="1">&lt;b&gt;</Value></DicomAttribute>';

describe('the attributes of a data set', () => {
  it('are rows with name, keyword, tag, VR and value', () => {
    const [row] = rowsOf(name).rows;
    expect(row).toMatchObject({
      tag: '(0010,0010)',
      name: 'Patient Name',
      keyword: 'PatientName',
      vr: 'PN',
      value: 'Nguyễn^^Thị=阮',
      depth: 0,
    });
  });

  it('keep the places of values that are empty', () => {
    const several =
      '<DicomAttribute tag="00080008" vr="CS"><Value number="1">A</Value><Value number="3">C</Value></DicomAttribute>';
    expect(rowsOf(several).rows[0]?.value).toBe('A\\\\C');
  });

  it('have their items below them', () => {
    const { rows } = rowsOf(sequence(2));
    expect(rows.map(({ depth, item, value }) => [depth, item, value])).toEqual([
      [0, undefined, ''],
      [1, 1, ''],
      [2, undefined, '1.2.0'],
      [1, 2, ''],
      [2, undefined, '1.2.1'],
    ]);
    expect(rows[0]?.items).toBe(2);
  });

  it('name the creator if they are private, and their text stays text', () => {
    expect(rowsOf(privateOne).rows[0]).toMatchObject({
      tag: '(0009,xx10)',
      privateCreator: 'SIEMENS CT',
      value: '<b>',
      name: undefined,
    });
  });

  it('say how bytes are kept, and how many', () => {
    const [inline, apart] = rowsOf(
      '<DicomAttribute tag="00420011" vr="OB"><InlineBinary>AAECAw==</InlineBinary></DicomAttribute>' +
        '<DicomAttribute tag="7FE00010" vr="OW"><BulkData uri="http://elsewhere/x"/></DicomAttribute>',
    ).rows;
    expect([inline?.kept, inline?.value, apart?.kept, apart?.value]).toEqual(['inline', '4', 'apart', '']);
  });

  it('end where nothing honest goes on', () => {
    let nested = name;
    for (let depth = 0; depth < 40; depth += 1) {
      nested = `<DicomAttribute tag="00081140" vr="SQ"><Item number="1">${nested}</Item></DicomAttribute>`;
    }
    const { rows, isCut } = rowsOf(nested);
    expect(isCut).toBe(true);
    expect(rows.length).toBeLessThan(40);
    expect(
      rowsOf('<DicomAttribute tag="00080008" vr="CS"><Value number="4000000000">A</Value></DicomAttribute>').rows[0]
        ?.value,
    ).toBe('');
  });

  it('are refused if the answer is something else', () => {
    expect(() => parseNativeModel('<html></html>')).toThrow();
    expect(() => parseNativeModel('not <xml')).toThrow();
  });
});

describe('a keyword', () => {
  it.each([
    ['PatientBirthDate', 'Patient Birth Date'],
    ['SOPInstanceUID', 'SOP Instance UID'],
    ['KVP', 'KVP'],
    ['CTDIvol', 'CTDIvol'],
    ['ReferencedSOPInstanceUIDInFile', 'Referenced SOP Instance UID In File'],
  ])('%s is read as %s', (keyword, expected) => expect(nameOfKeyword(keyword)).toBe(expected));
});

describe('a search', () => {
  const { rows } = rowsOf(name + sequence(9) + privateOne);
  const found = (query: string) => shownRows(rows, query, new Set());

  it.each([
    ['nguyen thi', ['(0010,0010)']],
    ['THI nguyễn', ['(0010,0010)']],
    ['patient name', ['(0010,0010)']],
    ['PatientName', ['(0010,0010)']],
    ['0010,0010', ['(0010,0010)']],
    ['00100010', ['(0010,0010)']],
    ['siemens', ['(0009,xx10)']],
    ['1.2.7', ['(0008,1140)', '', '(0008,1155)']],
    ['nothing like that', []],
  ])('for %s finds it, with the way to it', (query, tags) =>
    expect(found(query).rows.map(({ tag }) => tag)).toEqual(tags),
  );

  it('counts what it found, and not the way to it', () => expect(found('1.2.7').found).toBe(1));

  it('for nothing shows all, with long sequences folded until they are opened', () => {
    expect(found(' ').rows.map(({ tag }) => tag)).toEqual(['(0010,0010)', '(0008,1140)', '(0009,xx10)']);
    expect(shownRows(rows, '', new Set(['/1'])).rows).toHaveLength(3 + 9 * 2);
  });
});
