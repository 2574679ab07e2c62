import { afterEach, describe, expect, it, vi } from 'vitest';
import { Pictures } from './pictures';

interface Fake {
  readonly width: number;
  readonly height: number;
  close(): void;
}

function scene(side = 16) {
  const answers = new Map<string, (response: Response | Error) => void>();
  const aborted: string[] = [];
  vi.stubGlobal('fetch', (url: string, { signal }: { signal: AbortSignal }) => {
    return new Promise<Response>((resolve, reject) => {
      answers.set(url, (response) => (response instanceof Error ? reject(response) : resolve(response)));
      signal.addEventListener('abort', () => {
        aborted.push(url);
        reject(new Error('aborted'));
      });
    });
  });
  const seen = { arrived: [] as string[], failed: [] as unknown[], connected: [] as boolean[], closed: 0 };
  const pictures = new Pictures<Fake>(
    async (blob) => {
      if (blob.size === 0) {
        throw new Error('no picture');
      }
      return { width: side, height: side, close: () => (seen.closed += 1) };
    },
    {
      arrived: (key) => seen.arrived.push(key),
      failed: (key, { status }) => seen.failed.push([key, status]),
      connected: (isConnected) => seen.connected.push(isConnected),
    },
  );
  const answer = async (url: string, response: Response | Error) => {
    const settle = answers.get(url);
    answers.delete(url);
    settle?.(response);
    await vi.waitFor(() => expect(seen.arrived.length + seen.failed.length + seen.connected.length).toBeGreaterThan(0));
    // Decoding takes some turns.
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pictures, answers, aborted, seen, answer };
}

const wanted = (...keys: string[]) => keys.map((key) => ({ key, url: key, bytes: 1024 }));

afterEach(() => vi.unstubAllGlobals());

describe('pictures', () => {
  it('are fetched four at a time, the most wanted first', async () => {
    const { pictures, answers, answer, seen } = scene();
    pictures.want(wanted('a', 'b', 'c', 'd', 'e'));
    expect([...answers.keys()]).toEqual(['a', 'b', 'c', 'd']);
    await answer('b', new Response('x'));
    expect(seen.arrived).toEqual(['b']);
    expect([...answers.keys()]).toEqual(['a', 'c', 'd', 'e']);
  });

  it('are given up when they are not wanted any more', () => {
    const { pictures, aborted, answers } = scene();
    pictures.want(wanted('a', 'b'));
    pictures.want(wanted('b', 'c'));
    expect(aborted).toEqual(['a']);
    expect([...answers.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('that fail are told and left until they are tried again', async () => {
    const { pictures, answer, answers, seen } = scene();
    pictures.want(wanted('a', 'b'));
    await answer('a', new Response('', { status: 500 }));
    await answer('b', new Response(''));
    expect(seen.failed).toEqual([
      ['a', 500],
      ['b', undefined],
    ]);
    pictures.want(wanted('a', 'b'));
    expect(answers.size).toBe(0);
    pictures.retry();
    expect([...answers.keys()]).toEqual(['a', 'b']);
  });

  it('all wait when the connection is lost, and go on', async () => {
    const { pictures, answer, answers, seen } = scene();
    pictures.want(wanted('a'));
    await answer('a', new TypeError('no network'));
    expect(seen.connected).toEqual([false]);
    pictures.want(wanted('a', 'b'));
    expect(answers.size).toBe(0);
    pictures.retry();
    await answer('a', new Response('x'));
    expect(seen.arrived).toEqual(['a']);
  });

  it('still wait when one that was asked before the connection was lost arrives', async () => {
    const { pictures, answer, answers, seen } = scene();
    pictures.want(wanted('a', 'b', 'c'));
    await answer('a', new TypeError('no network'));
    await answer('b', new Response('x'));
    expect(seen.arrived).toEqual(['b']);
    expect(seen.connected).toEqual([false]);
    pictures.retry();
    expect([...answers.keys()]).toEqual(['c', 'a']);
    await answer('a', new Response('x'));
    expect(seen.connected).toEqual([false, true]);
  });

  it('leave memory before it is full, and are not fetched to push out those that are wanted more', async () => {
    const { pictures, answer, answers, seen } = scene(2048);
    const large = (...keys: string[]) => wanted(...keys).map((one) => ({ ...one, bytes: 16 * 1024 * 1024 }));
    pictures.want(large('a', 'b', 'c'));
    await answer('a', new Response('x'));
    await answer('b', new Response('x'));
    expect(answers.size).toBe(0);
    pictures.want(large('c', 'b', 'a'));
    await answer('c', new Response('x'));
    expect(seen.closed).toBe(1);
    expect(['a', 'b', 'c'].map((key) => pictures.get(key) !== undefined)).toEqual([false, true, true]);
  });
});
