import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { keepViews, keptViews } from './keptViews';
import type { KeptView } from './viewState';

const study = '1.2.3' as StudyInstanceUid;
const series = '1.2.4' as SeriesInstanceUid;

function aStore(initial: string | null = null) {
  let value = initial;
  return {
    getItem: () => value,
    setItem: (_: string, next: string) => {
      value = next;
    },
  };
}

const view: KeptView = {
  index: 7,
  window: { center: 40, width: 400, voiFunction: 'LINEAR' },
  windowPlace: 0,
  inverted: true,
  turned: { rotation: 90, flipHorizontal: false, flipVertical: true },
  looked: { middle: [250.5, 100], step: 0.25 },
};

describe('what was done to pictures', () => {
  it('is found again by study and place', () => {
    const storage = aStore();
    const { window: _, looked: __, ...fitted } = view;
    keepViews(storage, study, [
      [0, series, view],
      [2, series, fitted],
    ]);
    expect([...keptViews(storage, study)]).toEqual([
      [0, { series, view }],
      [2, { series, view: fitted }],
    ]);
    expect(keptViews(storage, '1.9' as StudyInstanceUid).size).toBe(0);
  });

  it('is nothing where it was damaged, or written by another version', () => {
    const kept = (text: string) => keptViews(aStore(text), study).size;
    const one = (change: object) => JSON.stringify([[study, [[0, series, { ...view, ...change }]]]]);
    expect(kept(one({}))).toBe(1);
    expect(kept('{')).toBe(0);
    expect(kept(one({ index: -1 }))).toBe(0);
    expect(kept(one({ looked: { middle: [0, 0], step: 0 } }))).toBe(0);
    expect(kept(one({ window: { center: 1, width: 1, voiFunction: 'MAGIC' } }))).toBe(0);
    expect(kept(JSON.stringify([[study, [[0, 'no UID', view]]]]))).toBe(0);
  });

  it('makes room for what was read later', () => {
    const storage = aStore();
    for (let at = 0; at < 60; at += 1) {
      keepViews(storage, `1.2.${at}` as StudyInstanceUid, [[0, series, view]]);
    }
    expect(keptViews(storage, '1.2.59' as StudyInstanceUid).size).toBe(1);
    expect(keptViews(storage, '1.2.5' as StudyInstanceUid).size).toBe(0);
  });
});
