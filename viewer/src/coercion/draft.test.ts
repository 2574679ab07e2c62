import { describe, expect, it } from 'vitest';
import type { Coercion } from '../server/coercion';
import { changesOf, coercionDraft, coercionOf, firstWrong, newCondition, newRule, pairs } from './draft';
import { refusalKey } from './refusalKey';

const coercion: Coercion = {
  character_set: { assume: 'tcvn3', applies_to: 'all' },
  rules: [
    {
      name: 'issuer',
      when: [
        { attribute: 'IssuerOfPatientID', missing: true },
        { attribute: 'Modality', equals: 'CT' },
        { attribute: 'StationName', matches: 'XQ*' },
      ],
      attribute: 'IssuerOfPatientID',
      action: 'set',
      value: 'BVDK',
    },
    { attribute: 'Modality', action: 'map', values: { OT: 'DX', 'A B': 'CT' } },
    { attribute: 'PatientID', action: 'replace', pattern: 'BN-*', with: '*' },
    { attribute: 'PatientName', action: 'capitalise' },
  ],
};

describe('rules of coercion', () => {
  it('are sent as they came where nothing is changed', () => {
    expect(coercionOf(coercionDraft(coercion))).toEqual(coercion);
    const nothing = { character_set: null, rules: [] };
    expect(coercionOf(coercionDraft(nothing))).toEqual(nothing);
  });

  it('have the members of their action alone', () => {
    const [first, second] = coercionDraft(coercion).rules;
    const rules = [
      { ...newRule, ...first, action: 'remove' },
      { ...newRule, ...second, action: 'prefix', value: 'A ' },
    ];
    expect(coercionOf({ assume: '', appliesTo: 'all', rules }).rules).toMatchObject([
      { attribute: 'IssuerOfPatientID', action: 'remove' },
      { attribute: 'Modality', action: 'prefix', value: 'A ' },
    ]);
    expect(coercionOf({ assume: '', appliesTo: 'all', rules }).rules[1]).not.toHaveProperty('values');
  });

  it('map pairs, one a line', () => {
    expect(pairs('OT = DX\n\n A B=C=D ')).toEqual({ OT: 'DX', 'A B': 'C=D' });
    expect([pairs(''), pairs('OT'), pairs('= DX'), pairs('OT =')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are checked before they are sent', () => {
    const draft = coercionDraft(coercion);
    expect(firstWrong(draft.rules)).toBeUndefined();
    for (const [rule, wrong] of [
      [newRule, '4.attribute'],
      [{ ...newRule, attribute: 'PatientID' }, '4.value'],
      [{ ...newRule, attribute: 'PatientID', action: 'replace' }, '4.pattern'],
      [{ ...newRule, attribute: 'PatientID', action: 'map', values: 'a' }, '4.values'],
      [{ ...newRule, attribute: 'PatientID', action: 'trim', when: [newCondition] }, '4.when.0'],
    ] as const) {
      expect(firstWrong([...draft.rules, rule])).toBe(wrong);
    }
  });
});

describe('a refusal of the server', () => {
  it('is told in our words', () => {
    for (const [words, key] of [
      ['"Patient" is no attribute of the standard', 'unknown'],
      ['Rows cannot be coerced: it names the instance, describes its pixels, or is no text', 'notCoercible'],
      ['Rows is no text that a condition can be about', 'notComparable'],
      ['the pattern and the text of a replacement have one * each at most, and the text none', 'wildCards'],
      ['StudyDate cannot have this value: it is too long, or not of its kind', 'value'],
      ['rules have at most 100 entries, 16 conditions each, and texts of 1024 characters', 'tooMany'],
    ] as const) {
      expect(refusalKey(words)).toBe(`coercion.refused.${key}`);
    }
    expect(refusalKey('the action set has value, and nothing else')).toBeUndefined();
  });
});

describe('a preview', () => {
  it('shows a change once, and how often it is made', () => {
    const change = { rule: 0, attribute: 'PatientID', before: '1', after: 'A1' };
    const instance = { study: '1.2', instance: '1.2.3' };
    const repaired = { attribute: 'PatientName', before: 'x', after: null };
    const instances = [
      { ...instance, changes: [change, repaired] },
      { ...instance, changes: [change] },
      { ...instance, changes: [] },
    ];
    expect(changesOf({ instances })).toEqual([
      { ...change, instances: 2 },
      { ...repaired, rule: null, instances: 1 },
    ]);
  });
});
