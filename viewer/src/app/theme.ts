/**
 * Dark or light, as whoever is signed in chose; remembered on this device too, so that the page is of that colour before the
 * server has answered. Pictures are read in the dark: while a study is open the page is dark whatever was chosen.
 */
import { useEffect } from 'react';
import * as v from 'valibot';
import { create } from 'zustand';
import { settingOf, useChangeSetting, useSettings } from '../settings/useSettings';

export const themes = ['dark', 'light', 'system'] as const;
export type Theme = (typeof themes)[number];

const themeSetting = 'theme';
const themeSchema = v.object({ theme: v.picklist(themes) });
const storageKey = 'filmless.theme';

const isLightOutside = window.matchMedia('(prefers-color-scheme: light)');

function remembered(): Theme {
  const kept = localStorage.getItem(storageKey);
  return themes.find((theme) => theme === kept) ?? 'dark';
}

const useShown = create<{ readonly theme: Theme; readonly readings: number }>(() => ({
  theme: remembered(),
  readings: 0,
}));

function apply(): void {
  const { theme, readings } = useShown.getState();
  const isLight = readings === 0 && (theme === 'system' ? isLightOutside.matches : theme === 'light');
  document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
}

/** Gives the page its colours, and keeps them as chosen. */
export function startTheme(): void {
  apply();
  useShown.subscribe(apply);
  isLightOutside.addEventListener('change', apply);
}

/** What is chosen, and how to choose. */
export function useTheme(): readonly [theme: Theme, choose: (theme: Theme) => void] {
  const { data } = useSettings();
  const changeSetting = useChangeSetting();
  const shown = useShown(({ theme }) => theme);
  const kept = data && settingOf(data, themeSetting, themeSchema, { theme: 'dark' }).theme;
  useEffect(() => {
    if (kept !== undefined) {
      localStorage.setItem(storageKey, kept);
      useShown.setState({ theme: kept });
    }
  }, [kept]);
  return [kept ?? shown, (theme) => changeSetting.mutate({ name: themeSetting, value: { theme } })];
}

/** Dark for as long as this is on the page. */
export function useDarkness(): void {
  useEffect(() => {
    useShown.setState(({ readings }) => ({ readings: readings + 1 }));
    return () => useShown.setState(({ readings }) => ({ readings: readings - 1 }));
  }, []);
}
