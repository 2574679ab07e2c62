/** Which Filmless the server is. */
import * as v from 'valibot';
import { request } from './request';

const aboutSchema = v.object({ version: v.string() });

export async function fetchVersion(signal: AbortSignal): Promise<string> {
  const response = await request('/api/about', { signal });
  return v.parse(aboutSchema, await response.json()).version;
}
