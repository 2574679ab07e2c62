import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { type Layout, singleViewport, stackOf, withContent, withGrid, withOneUp } from './layout';
import { rememberedLayout, rememberLayout } from './rememberedLayouts';

const study = (uid: string) => uid as StudyInstanceUid;
const content = stackOf(study('1.2'), '1.2.3' as SeriesInstanceUid);
const layout: Layout = withOneUp(withContent(withGrid(singleViewport, 2, 2), 3, content), 3);

function storage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    values,
  };
}

describe('a layout', () => {
  it('is there again as it was left, empty cells included', () => {
    const store = storage();
    rememberLayout(store, study('1.2'), layout);
    expect(rememberedLayout(store, study('1.2'))).toEqual(layout);
  });

  it('is there again with a document and a list in it', () => {
    const store = storage();
    const pdf = { ...content, kind: 'pdf', instance: '1.2.3.4' as SopInstanceUid } as const;
    const mixed = withContent(withContent(layout, 0, pdf), 1, { ...content, kind: 'objects' });
    rememberLayout(store, study('1.2'), mixed);
    expect(rememberedLayout(store, study('1.2'))).toEqual(mixed);
  });

  it('is that of its study', () => {
    const store = storage();
    rememberLayout(store, study('1.2'), layout);
    rememberLayout(store, study('1.3'), withGrid(singleViewport, 1, 2));
    rememberLayout(store, study('1.2'), withGrid(singleViewport, 3, 1));
    expect(rememberedLayout(store, study('1.2')).rows).toBe(3);
    expect(rememberedLayout(store, study('1.3')).columns).toBe(2);
    expect(rememberedLayout(store, study('1.4'))).toBe(singleViewport);
  });

  it('is forgotten after fifty others', () => {
    const store = storage();
    rememberLayout(store, study('1.2'), layout);
    for (let other = 0; other < 50; other += 1) {
      rememberLayout(store, study(`9.${other}`), singleViewport);
    }
    expect(rememberedLayout(store, study('1.2'))).toBe(singleViewport);
    expect(rememberedLayout(store, study('9.0'))).toEqual(singleViewport);
  });

  it.each([
    'not JSON',
    '{}',
    '[["1.2", null]]',
    '[["1.2", {"rows": 9, "columns": 1, "cells": [], "active": 0, "isOneUp": false}]]',
    '[["1.2", {"rows": 1, "columns": 1, "cells": [], "active": 1, "isOneUp": false}]]',
    '[["1.2", {"rows": 1, "columns": 1, "cells": [{"kind": "stack", "study": "../x", "series": "1"}], "active": 0, "isOneUp": false}]]',
    '[["1.2", {"rows": 1, "columns": 1, "cells": [{"kind": "pdf", "study": "1.2", "series": "1"}], "active": 0, "isOneUp": false}]]',
    '[["1.2", {"rows": 1, "columns": 1, "cells": [{"kind": "video", "study": "1.2", "series": "1", "instance": "<b>"}], "active": 0, "isOneUp": false}]]',
  ])('is one viewport where %s is stored', (text) => {
    const store = storage();
    store.values.set('filmless.layouts', text);
    expect(rememberedLayout(store, study('1.2'))).toBe(singleViewport);
  });
});
