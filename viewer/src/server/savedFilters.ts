/** What is chosen from and kept of the study list: values that studies have, and filters of the account. */
import * as v from 'valibot';
import { request } from './request';

const choicesSchema = v.object({ body_parts: v.array(v.string()), institutions: v.array(v.string()) });

/** The body parts and institutions that studies have. */
export async function fetchListChoices(signal: AbortSignal): Promise<v.InferOutput<typeof choicesSchema>> {
  return v.parse(choicesSchema, await (await request('/api/studies/choices', { signal })).json());
}

function path(name: string): string {
  return `/api/saved-filters/${encodeURIComponent(name)}`;
}

/** Keeps a filter, in place of the one of its name. */
export async function saveFilter(
  name: string,
  filter: { readonly filters: Readonly<Record<string, string>>; readonly opens: boolean },
): Promise<void> {
  const { signal } = new AbortController();
  await request(path(name), { signal, method: 'PUT', body: filter });
}

/** Removes a filter. */
export async function removeFilter(name: string): Promise<void> {
  const { signal } = new AbortController();
  await request(path(name), { signal, method: 'DELETE' });
}
