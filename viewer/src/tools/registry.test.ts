import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { aFrame } from '../imaging/testFrame';
import type { VoiWindow } from '../imaging/window';
import en from '../locales/en/viewer.json';
import { singleViewport } from '../viewport/layout';
import { createReading, type Rendering } from '../viewport/readingState';
import { initialViewState, type OpenSeries, type ReaderView, type ViewState } from '../viewport/viewState';
import { autoWindow } from './autoWindow';
import { magnifier } from './magnifier';
import { choiceName, windowChoices, windowsShown } from './presets';
import { regionWindow } from './regionWindow';
import { dragTool, isUsable, tools } from './registry';
import type { ToolContext } from './types';

const openSeries: OpenSeries = {
  studyInstanceUid: '1.2' as StudyInstanceUid,
  seriesInstanceUid: '1.3' as SeriesInstanceUid,
  modality: 'US',
  frames: [],
  frameRate: undefined,
};

const two = [
  { center: 40, width: 400, voiFunction: 'LINEAR' },
  { center: 300, width: 1500, voiFunction: 'LINEAR', explanation: 'BONE' },
] as const satisfies VoiWindow[];

describe('the registry', () => {
  it('has every tool once', () => expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length));

  it('has a name for every tool', () =>
    expect(tools.filter(({ label }) => !(label in en.tools)).map(({ id }) => id)).toEqual([]));

  it('offers the magnifier only where the graphics card draws', () => {
    const page = createReading('1.2' as StudyInstanceUid, singleViewport).store.getState();
    const offered = (rendering: Rendering) => isUsable(magnifier, initialViewState, { ...page, rendering });
    expect([offered('gpu'), offered('cpu')]).toEqual([true, false]);
  });

  it('offers no window by values on a colour image, and says why', () => {
    const page = createReading('1.2' as StudyInstanceUid, singleViewport).store.getState();
    const showing = (isColour: boolean): ViewState => ({
      ...initialViewState,
      shown: true,
      series: { ...openSeries, frames: [aFrame({ isColour })] },
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
      const choices = windowChoices(modality, [two[0], ...two]);
      expect(choices.map(({ keys }) => keys).filter((keys) => keys.length > 0)).toEqual(
        choices.slice(0, 10).map((_, index) => [String((index + 1) % 10), `F${index + 1}`]),
      );
    }
  });

  it('have for CT every window that radiologists ask for, on a key', () => {
    const onKeys = windowChoices('CT', two).filter(({ keys }) => keys.length > 0);
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

  it('have names', () => expect(windowChoices('CT', two).filter(({ label }) => !(label in en.presets))).toEqual([]));

  it('have all that the image names, by its names, on the first keys that are free', () => {
    const table = { firstValue: 0, entries: Uint16Array.of(255, 0), most: 255 };
    const windows: VoiWindow[] = [
      { center: 40, width: 400, voiFunction: 'LINEAR', explanation: '<b>SOFT</b>' },
      { center: 0.5, width: 1.5, voiFunction: 'SIGMOID' },
      { center: 1, width: 2, voiFunction: 'LINEAR', explanation: 'NEGATIVE', table },
    ];
    const t = ((key: string, values?: object) => `${key} ${JSON.stringify(values ?? {})}`) as TFunction;
    const listed = (modality: string) =>
      windowChoices(modality, windows)
        .filter(({ id }) => id.startsWith('own'))
        .map((choice) => [choiceName(choice, t), choice.values, choice.keys]);
    expect(listed('MR')).toEqual([
      ['<b>SOFT</b>', '400 / 40', ['3', 'F3']],
      ['presets.own {"place":2}', '1.5 / 0.5', ['4', 'F4']],
      ['NEGATIVE', 'VOI LUT', ['5', 'F5']],
    ]);
    // On CT those of the body parts have all keys.
    expect(listed('CT').map(([name, , keys]) => [name, keys])).toEqual([
      ['<b>SOFT</b>', []],
      ['presets.own {"place":2}', []],
      ['NEGATIVE', []],
    ]);
  });

  it('show the window of this place on every image', () => {
    const places: (number | undefined)[] = [];
    const view = { showImageWindow: (place?: number) => places.push(place) } as unknown as ReaderView;
    for (const choice of windowChoices('MR', two)) {
      if (choice.id !== 'fullRange') {
        choice.run({ view } as ToolContext);
      }
    }
    expect(places).toEqual([undefined, 0, 1]);
  });

  it('do not repeat the one window of an image, nor bury the menu under thousands', () => {
    expect(windowChoices('MR', two.slice(1)).map(({ id }) => id)).toEqual(['image', 'fullRange']);
    expect(
      windowChoices(
        'MR',
        Array.from({ length: 5000 }, () => two[0]),
      ).length,
    ).toBeLessThan(200);
  });

  it('are of the frame that is shown, and of no colours', () => {
    const showing = (isColour: boolean): ViewState => ({
      ...initialViewState,
      index: 1,
      series: { ...openSeries, frames: [aFrame({}), aFrame({ isColour, windows: two })] },
    });
    expect(windowsShown(showing(false))).toEqual(two);
    expect(windowsShown(showing(true))).toEqual([]);
    expect(windowsShown(initialViewState)).toEqual([]);
  });
});
