/** The keys as the reader has them. */
import { useMemo } from 'react';
import * as v from 'valibot';
import { type Bindings, bindingsOf, type OwnKeys } from '../tools/keyTable';
import { settingOf, useSettings } from './useSettings';

export const keysSetting = 'keys';
const keysSchema = v.record(v.string(), v.pipe(v.array(v.string()), v.maxLength(8), v.readonly()));
const none = {};

export function useOwnKeys(): OwnKeys {
  const { data } = useSettings();
  return useMemo(() => settingOf(data, keysSetting, keysSchema, none), [data]);
}

export function useBindings(): Bindings {
  const own = useOwnKeys();
  return useMemo(() => bindingsOf(own), [own]);
}
