import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { singleViewport } from './layout';
import { createReading } from './readingState';
import { goOnWhenConnected } from './reconnecting';
import { FrameState, type Screen } from './viewState';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout, clearTimeout }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function readingOfTwo() {
  const reading = createReading('1' as StudyInstanceUid, singleViewport);
  const retries = reading.cells.slice(0, 2).map((cell) => {
    const retry = vi.fn();
    cell.screen = { retry } as unknown as Screen;
    return retry;
  });
  return { reading, retries, cells: reading.cells };
}

it('asks again for a frame that did not come, until it comes', () => {
  const { reading, retries, cells } = readingOfTwo();
  goOnWhenConnected(reading);
  for (const times of [1, 2]) {
    cells[0]?.store.setState({ failure: { kind: 'network' } });
    vi.advanceTimersByTime(3_000);
    expect(retries[0]).toHaveBeenCalledTimes(times);
  }
  cells[0]?.store.setState({ failure: undefined });
  vi.advanceTimersByTime(60_000);
  expect(retries.map((retry) => retry.mock.calls.length)).toEqual([2, 0]);
});

it('goes on with frames ahead when the browser is connected again, and leaves what is wrong otherwise', () => {
  const { reading, retries, cells } = readingOfTwo();
  const stop = goOnWhenConnected(reading);
  cells[0]?.store.setState({ frameStates: Uint8Array.of(FrameState.loaded, FrameState.failed) });
  cells[1]?.store.setState({
    failure: { kind: 'missing', status: 404 },
    frameStates: Uint8Array.of(FrameState.failed),
  });
  window.dispatchEvent(new Event('online'));
  expect(retries.map((retry) => retry.mock.calls.length)).toEqual([1, 0]);
  stop();
  window.dispatchEvent(new Event('online'));
  expect(retries[0]).toHaveBeenCalledOnce();
});
