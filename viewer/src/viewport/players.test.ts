import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CinePlayer } from './cinePlayer';
import { Prefetcher, type PrefetchSource } from './prefetcher';

describe('the prefetcher', () => {
  beforeEach(() => vi.stubGlobal('document', { hidden: false }));
  afterEach(() => vi.unstubAllGlobals());

  /** A stack of frames of one byte each. */
  function stack(count: number, current: number) {
    const asked: number[] = [];
    const settle = new Map<number, { resolve: () => void; reject: () => void }>();
    const source: PrefetchSource = {
      count,
      current,
      direction: 1,
      frameBytes: 1,
      isSettled: (index) => asked.includes(index),
      fetch: (index) => {
        asked.push(index);
        return new Promise<void>((resolve, reject) =>
          settle.set(index, { resolve, reject: () => reject(new Error('no')) }),
        );
      },
      keep: vi.fn(),
    };
    return { source, asked, settle };
  }

  it('asks for four at once, around the reader', () => {
    const { source, asked } = stack(100, 50);
    new Prefetcher(1000).serve([source]);
    expect(asked).toEqual([51, 49, 52, 48]);
  });

  it('goes on when one arrives or fails, from where the reader is by then', async () => {
    const { source, asked, settle } = stack(100, 50);
    const prefetcher = new Prefetcher(1000);
    prefetcher.serve([source]);
    prefetcher.serve([{ ...source, current: 60 }]);
    settle.get(51)?.resolve();
    settle.get(49)?.reject();
    await vi.waitFor(() => expect(asked).toHaveLength(6));
    expect(asked.slice(4)).toEqual([61, 59]);
  });

  it('serves the first stack before the others', async () => {
    const active = stack(3, 0);
    const other = stack(9, 4);
    new Prefetcher(1000).serve([active.source, other.source]);
    expect([active.asked, other.asked]).toEqual([
      [1, 2],
      [5, 3],
    ]);
  });

  it('stays within what memory has room for, and holds on to that', async () => {
    const { source, asked, settle } = stack(100, 50);
    new Prefetcher(4).serve([source]);
    settle.get(51)?.resolve();
    await vi.waitFor(() => expect(source.keep).toHaveBeenCalledWith(52));
    expect(asked).toEqual([51, 49, 52]);
    expect(source.keep).toHaveBeenCalledWith(50);
  });

  it('rests when there is nothing to serve', async () => {
    const { source, asked, settle } = stack(10, 0);
    const prefetcher = new Prefetcher(1000);
    prefetcher.serve([source]);
    prefetcher.serve([]);
    settle.get(1)?.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toHaveLength(4);
  });
});

describe('the cine player', () => {
  let frame: FrameRequestCallback | undefined;
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => {
      frame = callback;
      return 1;
    });
    vi.stubGlobal('cancelAnimationFrame', () => {
      frame = undefined;
    });
    vi.spyOn(performance, 'now').mockReturnValue(0);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  function play(ready: (index: number) => boolean) {
    const shown: number[] = [];
    let index = 0;
    const player = new CinePlayer({
      position: () => ({ index, count: 5 }),
      rate: () => 10,
      isReady: ready,
      show: (next) => {
        index = next;
        shown.push(next);
      },
    });
    player.start();
    return { player, shown };
  }

  it('shows each frame for its time, drops what it cannot keep up with, and goes round', () => {
    const { shown } = play(() => true);
    for (const now of [50, 100, 200, 400, 500]) {
      frame?.(now);
    }
    expect(shown).toEqual([1, 2, 4, 0]);
  });

  it('waits for frames that are not here', () => {
    const here = new Set([0, 1]);
    const { shown } = play((index) => here.has(index));
    frame?.(100);
    frame?.(200);
    frame?.(300);
    expect(shown).toEqual([1]);
    here.add(2);
    frame?.(400);
    expect(shown).toEqual([1, 2]);
  });

  it('stops', () => {
    const { player } = play(() => true);
    player.stop();
    expect(frame).toBeUndefined();
  });
});
