/** The reader's settings, asked for once and changed in place. What was not written by this version counts as not set. */
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';
import { fetchSettings, putSetting, removeSetting } from '../server/settings';

type Settings = Readonly<Record<string, unknown>>;

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => fetchSettings(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** A setting, or else what holds without it. */
export function settingOf<Schema extends v.GenericSchema>(
  settings: Settings | undefined,
  name: string,
  schema: Schema,
  otherwise: v.InferOutput<Schema>,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, settings?.[name]);
  return parsed.success ? parsed.output : otherwise;
}

export function useSettings() {
  return useQuery(settingsQuery);
}

function change(client: QueryClient, name: string, value: object | undefined): void {
  client.setQueryData(settingsQuery.queryKey, (present) => {
    const { [name]: _, ...others } = present ?? {};
    return value === undefined ? others : { ...others, [name]: value };
  });
}

/** Keeps a setting, or forgets it; it holds at once, and no longer if the server did not take it. */
export function useChangeSetting() {
  const client = useQueryClient();
  return useMutation({
    // One after the other, as they were made.
    scope: { id: 'settings' },
    mutationFn: ({ name, value }: { readonly name: string; readonly value: object | undefined }) => {
      const { signal } = new AbortController();
      return value === undefined ? removeSetting(name, signal) : putSetting(name, value, signal);
    },
    onMutate: ({ name, value }) => change(client, name, value),
    onError: () => void client.invalidateQueries(settingsQuery),
  });
}
