import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseChange } from './events';
import { onSessionLost, RequestError, request } from './request';
import { fetchSession, signIn } from './session';
import { changePassword, fetchTokens, removeSession } from './signIns';

const signal = new AbortController().signal;

function answer(status: number, body: unknown = '') {
  const fetch = vi.fn(async () => new Response(status === 204 ? null : JSON.stringify(body), { status }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

describe('requests', () => {
  it('carry the header of unsafe methods only where it belongs', async () => {
    const fetch = answer(204);
    await request('/api/session', { signal, method: 'DELETE' });
    await request('/api/session', { signal });
    const headers = fetch.mock.calls.map((call) => (call as unknown as [string, RequestInit])[1].headers);
    expect(headers).toEqual([{ 'X-Filmless-Request': '1' }, {}]);
  });

  it('fail with the words of the problem', async () => {
    answer(409, { title: 'Conflict', detail: 'known already' });
    await expect(request('/api/peers', { signal })).rejects.toMatchObject({ status: 409, message: 'known already' });
  });

  it('fail with status 0 when no answer comes', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('offline')));
    await expect(request('/api/peers', { signal })).rejects.toMatchObject({ status: 0 });
  });

  it('announce a lost session', async () => {
    answer(401);
    const listener = vi.fn();
    const stop = onSessionLost(listener);
    await expect(request('/dicom-web/studies', { signal })).rejects.toBeInstanceOf(RequestError);
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
  });
});

describe('sessions', () => {
  it('are nobody’s on 401, without alarm', async () => {
    answer(401);
    const listener = vi.fn();
    const stop = onSessionLost(listener);
    expect(await fetchSession(signal)).toBeNull();
    await expect(signIn({ account: 'a', password: 'b', code: null }, signal)).rejects.toMatchObject({ status: 401 });
    expect(listener).not.toHaveBeenCalled();
    stop();
  });

  it('are not lost by a wrong password', async () => {
    answer(401);
    const listener = vi.fn();
    const stop = onSessionLost(listener);
    await expect(changePassword('a', 'b', signal)).rejects.toMatchObject({ status: 401 });
    expect(listener).not.toHaveBeenCalled();
    stop();
  });

  it('and tokens are one’s own, or those of an account', async () => {
    const fetch = answer(200, []);
    await fetchTokens(undefined, signal);
    await removeSession(undefined, 's1', signal);
    await removeSession('a@b', 's1', signal);
    const addresses = fetch.mock.calls.map((call) => (call as unknown as [string])[0]);
    expect(addresses).toEqual(['/api/tokens', '/api/sessions/s1', '/api/accounts/a%40b/sessions/s1']);
  });

  it('are checked at the edge', async () => {
    answer(200, { account: 'an', acts: 'all' });
    await expect(fetchSession(signal)).rejects.toThrow();
  });
});

describe('change events', () => {
  it('name a study or are nothing', () => {
    expect(parseChange('{"sequence":1,"kind":"stored","study":"1.2","series":"1.3"}')).toEqual({ study: '1.2' });
    expect(parseChange('{"sequence":1,"kind":"stored","study":"../x"}')).toBeUndefined();
    expect(parseChange('not json')).toBeUndefined();
  });
});
