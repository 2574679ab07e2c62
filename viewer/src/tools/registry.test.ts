import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { aFrame } from '../imaging/testFrame';
import en from '../locales/en/viewer.json';
import { singleViewport } from '../viewport/layout';
import { createReading, type Rendering } from '../viewport/readingState';
import { initialViewState, type ViewState } from '../viewport/viewState';
import { autoWindow } from './autoWindow';
import { magnifier } from './magnifier';
import { windowChoices } from './presets';
import { regionWindow } from './regionWindow';
import { dragTool, isUsable, toolForKey, tools } from './registry';

describe('the registry', () => {
  it('has every tool once', () => expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length));

  it('has a name for every tool', () =>
    expect(tools.filter(({ label }) => !(label in en.tools)).map(({ id }) => id)).toEqual([]));

  it('gives a key to one tool only, and none of those of windows', () => {
    const keys = tools.flatMap((tool) => tool.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /^(\d|F\d+)$/.test(key))).toEqual([]);
  });

  it('finds tools by key in either case', () => {
    expect(toolForKey('I')?.id).toBe('invert');
    expect(toolForKey('ArrowDown')?.id).toBe('nextImage');
    expect(toolForKey('F11')).toBeUndefined();
  });

  it('offers the magnifier only where the graphics card draws', () => {
    const page = createReading(singleViewport).store.getState();
    const offered = (rendering: Rendering) => isUsable(magnifier, initialViewState, { ...page, rendering });
    expect([offered('gpu'), offered('cpu')]).toEqual([true, false]);
  });

  it('offers no window by values on a colour image, and says why', () => {
    const page = createReading(singleViewport).store.getState();
    const showing = (isColour: boolean): ViewState => ({
      ...initialViewState,
      shown: true,
      series: {
        studyInstanceUid: '1.2' as StudyInstanceUid,
        seriesInstanceUid: '1.3' as SeriesInstanceUid,
        modality: 'US',
        frames: [aFrame({ isColour })],
        frameRate: undefined,
      },
    });
    for (const tool of [regionWindow, autoWindow]) {
      expect([isUsable(tool, showing(false), page), isUsable(tool, showing(true), page)]).toEqual([true, false]);
      expect([tool.obstacle?.(showing(false), page), tool.obstacle?.(showing(true), page)]).toEqual([
        undefined,
        'colourImage',
      ]);
    }
    // Nothing is shown yet: that needs no reason.
    expect(isUsable(autoWindow, initialViewState, page)).toBe(false);
    expect(autoWindow.obstacle?.(initialViewState, page)).toBeUndefined();
  });

  it('falls back to the window tool', () => expect(dragTool('no such tool').id).toBe('window'));
});

describe('window choices', () => {
  it('have a digit and the function key of the same number, the first ten of them', () => {
    for (const modality of ['CT', 'MR', '']) {
      const choices = windowChoices(modality);
      expect(choices.map(({ keys }) => keys).filter((keys) => keys.length > 0)).toEqual(
        choices.slice(0, 10).map((_, index) => [String((index + 1) % 10), `F${index + 1}`]),
      );
    }
  });

  it('have for CT every window that radiologists ask for, on a key', () => {
    const onKeys = windowChoices('CT').filter(({ keys }) => keys.length > 0);
    expect(Object.fromEntries(onKeys.map(({ id, values }) => [id, values]))).toEqual({
      brain: '80 / 40',
      subdural: '200 / 75',
      stroke: '40 / 40',
      softTissue: '400 / 40',
      mediastinum: '350 / 50',
      lung: '1500 / -600',
      liver: '150 / 90',
      bone: '2500 / 480',
      spine: '250 / 50',
      angio: '600 / 300',
    });
  });

  it('have names', () => expect(windowChoices('CT').filter(({ label }) => !(label in en.presets))).toEqual([]));
});
