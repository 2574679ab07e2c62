/** What the reader set for themselves: /api/settings, an object for each name. */
import * as v from 'valibot';
import { RequestError, request } from './request';

const settingsSchema = v.record(v.string(), v.unknown());

/** All settings of whoever is signed in; what they hold is for those to check who read them. */
export async function fetchSettings(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const response = await request('/api/settings', { signal });
  return v.parse(settingsSchema, await response.json());
}

export async function putSetting(name: string, value: object, signal: AbortSignal): Promise<void> {
  await request(`/api/settings/${encodeURIComponent(name)}`, { signal, method: 'PUT', body: value });
}

export async function removeSetting(name: string, signal: AbortSignal): Promise<void> {
  try {
    await request(`/api/settings/${encodeURIComponent(name)}`, { signal, method: 'DELETE' });
  } catch (error) {
    // It was not there: that is what was wanted.
    if (!(error instanceof RequestError && error.status === 404)) {
      throw error;
    }
  }
}
