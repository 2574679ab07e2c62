import { describe, expect, it } from 'vitest';
import { studyInstanceUid } from '../dicomweb/uid';
import { toggled, withRange } from './marking';

const uids = ['1.2.1', '1.2.2', '1.2.3', '1.2.4'].flatMap((text) => studyInstanceUid(text) ?? []);
const studies = uids.map((uid) => ({ studyInstanceUid: uid }));
const [first, second, third, fourth] = uids;

describe('marked studies', () => {
  it('are marked and unmarked one by one', () => {
    const both = uids.slice(1, 3).reduce(toggled, new Set());
    expect([...both]).toEqual([second, third]);
    expect([...uids.slice(1, 2).reduce(toggled, both)]).toEqual([third]);
  });

  it('are marked from one row to another, upwards as downwards', () => {
    expect([...withRange(new Set(), studies, 1, 3)]).toEqual([second, third, fourth]);
    expect([...withRange(new Set(), studies, 2, 0)]).toEqual([first, second, third]);
  });

  it('stay marked beside a range, which begins at the first row if one was on none', () => {
    expect([...withRange(new Set(uids.slice(3)), studies, -1, 0)]).toEqual([fourth, first]);
  });
});
