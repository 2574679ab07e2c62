import { describe, expect, it } from 'vitest';
import { standIn } from './stubs/dcmjs';
import { knownAttributes } from './trimmed';

type DataSet = Record<string, { vr: string; Value: unknown[] }>;
type Dcmjs = ReturnType<typeof standIn>;

// It has no types.
const name: string = 'dcmjs';
const whole = (await import(name)) as Dcmjs;
const known = await knownAttributes();
const part = standIn(known);

/** As Cornerstone goes through DICOM JSON. */
function told(dcmjs: Dcmjs, dataSet: DataSet, filter: object): unknown {
  const listener = new dcmjs.utilities.DicomMetadataListener({}, filter);
  const walk = (object: DataSet) => {
    listener.startObject();
    for (const [tag, { vr, Value }] of Object.entries(object)) {
      listener.addTag(tag, { vr });
      for (const value of Value) {
        if (vr === 'SQ') {
          walk(value as DataSet);
          listener.pop();
        } else {
          listener.value(value);
        }
      }
      listener.pop();
    }
  };
  walk(dataSet);
  return listener.pop();
}

const image: DataSet = {
  '00080018': { vr: 'UI', Value: ['1.2.3'] },
  '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'NGUYEN^VAN A' }] },
  '00100030': { vr: 'DA', Value: [null] },
  '00101010': { vr: 'AS', Value: [] },
  '00186011': {
    vr: 'SQ',
    Value: [{ '00186024': { vr: 'US', Value: [3] } }, { '00186024': { vr: 'US', Value: [4, undefined] } }],
  },
  '00280010': { vr: 'US', Value: [512] },
};

describe('what stands in for dcmjs in the build', () => {
  it('puts the same data sets together', () => {
    const renaming = {
      addTag(next: (tag: string, info: object) => unknown, tag: string, info: object) {
        return next(`x${tag}`, info);
      },
      pop(this: { current: { tag?: string; level: number; parent: { dest?: object } | null } }, next: () => object) {
        const { tag, level, parent } = this.current;
        const result = next();
        return Object.assign(result, { was: [tag, level, Object.keys(parent?.dest ?? {}).length] });
      },
    };
    for (const filter of [{}, renaming]) {
      expect(told(part, image, filter)).toEqual(told(whole, image, filter));
    }
  });

  it('has the same dictionary of all that Cornerstone names', () => {
    expect(known.length).toBeGreaterThan(150);
    for (const [tag, , , keyword] of known) {
      for (const { data } of [part, whole]) {
        expect(data.DicomMetaDictionary.dictionary[tag]).toMatchObject(
          part.data.DicomMetaDictionary.nameMap[keyword] ?? {},
        );
        expect(data.DicomMetaDictionary.nameMap[keyword]).toMatchObject(
          part.data.DicomMetaDictionary.nameMap[keyword] ?? {},
        );
      }
    }
  });

  it('has the same UIDs', () => {
    expect(whole.constants).toMatchObject(part.constants);
  });
});
