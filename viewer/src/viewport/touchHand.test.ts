// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScreenPoint } from '../imaging/placement';
import type { Dragging } from '../tools/types';
import { type Touch, TouchHand } from './touchHand';
import type { ReaderView } from './viewState';

const size = { width: 390, height: 600 };

function aHand(frameCount = 60, finger: Dragging | undefined = undefined) {
  const done: string[] = [];
  const say =
    (name: string) =>
    (...values: unknown[]) => {
      done.push(
        [name, ...values.flat().map((value) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))].join(
          ' ',
        ),
      );
    };
  const view = {
    scrollBy: say('scroll'),
    panBy: say('pan'),
    zoomBy: say('zoom'),
    fit: say('fit'),
    dragWindow: say('window'),
  } as unknown as ReaderView;
  const hand = new TouchHand(
    view,
    { finger: () => finger, frameCount: () => frameCount, swiped: say('swiped') },
    () => size,
  );
  let timeMs = 0;
  const touch = (id: number, x: number, y: number): Touch => {
    timeMs += 20;
    return { id, at: [x, y], target: document.body, timeMs };
  };
  return {
    done,
    hand,
    down: (x: number, y: number, id = 1) => hand.down(touch(id, x, y)),
    move: (x: number, y: number, id = 1) => hand.move(touch(id, x, y)),
    up: (x: number, y: number, id = 1, isDone = true) => hand.up(touch(id, x, y), isDone),
    wait: (ms: number) => {
      timeMs += ms;
      vi.advanceTimersByTime(ms);
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('one finger', () => {
  it('scrolls the stack, from where it began', () => {
    const { done, down, move, up } = aHand();
    down(200, 300);
    move(200, 305);
    expect(done).toEqual([]);
    move(201, 330);
    up(201, 330);
    expect(done).toEqual(['scroll 3']);
  });

  it('moves an image that is alone', () => {
    const { done, down, move } = aHand(1);
    down(200, 300);
    move(200, 330);
    expect(done).toEqual(['pan 0 30']);
  });

  it('changes the window once it has rested', () => {
    const { done, down, move, up, wait } = aHand();
    down(200, 300);
    move(203, 300);
    wait(500);
    move(213, 290);
    up(213, 290);
    expect(done).toEqual(['window 10 -10']);
  });

  it('fits the picture by two taps, not by one, nor by two in different places or too late', () => {
    const { done, down, up, wait } = aHand();
    const tap = (x: number) => {
      down(x, 300);
      up(x, 300);
    };
    tap(100);
    wait(1000);
    tap(100);
    tap(300);
    expect(done).toEqual([]);
    tap(302);
    expect(done).toEqual(['fit']);
    tap(302);
    expect(done).toEqual(['fit']);
  });

  it('shows the next series or the one before by a swipe inwards from the side', () => {
    const { done, down, move, up } = aHand();
    const stroke = (from: ScreenPoint, to: ScreenPoint, isDone = true) => {
      down(...from);
      move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
      move(...to);
      up(...to, 1, isDone);
    };
    stroke([380, 300], [280, 310]);
    stroke([10, 300], [120, 290]);
    expect(done).toEqual(['swiped next', 'swiped previous']);
    // Not far enough, taken away, and from the middle.
    stroke([380, 300], [340, 300]);
    stroke([380, 300], [280, 300], false);
    stroke([200, 300], [100, 300]);
    expect(done).toEqual(['swiped next', 'swiped previous']);
  });

  it('works the tool that was taken for it', () => {
    const said: string[] = [];
    const { done, down, move, up } = aHand(60, {
      start: (_, at) => said.push(`start ${at}`),
      drag: (_, { at }) => said.push(`drag ${at}`),
      end: (_view, isDone, at) => said.push(`end ${isDone} ${at}`),
    });
    down(200, 300);
    move(204, 300);
    up(204, 300);
    expect([said, done]).toEqual([['start 200,300', 'drag 204,300', 'end true 204,300'], []]);
  });
});

describe('two fingers', () => {
  it('zoom and move together, and break off what one began', () => {
    const said: boolean[] = [];
    const { done, down, move, up } = aHand(60, { drag: () => undefined, end: (_, isDone) => said.push(isDone) });
    down(100, 300);
    down(200, 300, 2);
    expect(said).toEqual([false]);
    move(300, 300, 2);
    expect(done).toEqual(['pan 50 0', 'zoom 2 200 300']);
    // The finger that is left does nothing.
    up(300, 300, 2);
    move(100, 400);
    up(100, 400);
    expect(done.length).toBe(2);
  });

  it('change the window when they go together, also when they spread later', () => {
    const { done, down, move } = aHand();
    down(100, 300);
    down(200, 300, 2);
    move(104, 300);
    expect(done).toEqual([]);
    move(204, 320, 2);
    expect(done).toEqual(['window 4 10']);
    move(304, 320, 2);
    expect(done).toEqual(['window 4 10', 'window 50 0']);
  });

  it('go together although the one is told of before the other', () => {
    const { done, down, move } = aHand();
    down(100, 300);
    down(200, 300, 2);
    move(120, 300);
    move(220, 300, 2);
    expect(done).toEqual(['window 20 0']);
  });

  it('do nothing of their own while they rest', () => {
    const { done, down, move, wait } = aHand();
    down(100, 300);
    down(200, 300, 2);
    wait(1000);
    move(102, 301);
    move(202, 301, 2);
    expect(done).toEqual([]);
  });
});
