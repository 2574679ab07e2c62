/** Languages: Vietnamese and English, chosen by the browser's language until the reader chooses; remembered on this device. */
import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../locales/en/shell.json';
import vi from '../locales/vi/shell.json';

export const languages = ['vi', 'en'] as const;
export type Language = (typeof languages)[number];

const storageKey = 'filmless.language';

function isLanguage(value: string | null | undefined): value is Language {
  return languages.some((language) => language === value);
}

/** The remembered language, else the first of the browser's that there is, else Vietnamese. */
export function chooseLanguage(remembered: string | null, wanted: readonly string[]): Language {
  if (isLanguage(remembered)) {
    return remembered;
  }
  const primary = wanted.map((tag) => tag.split('-')[0]?.toLowerCase());
  return primary.find(isLanguage) ?? 'vi';
}

export const i18n = createInstance();

/** Starts translation; what follows may render. */
export async function startI18n(): Promise<void> {
  const language = chooseLanguage(localStorage.getItem(storageKey), navigator.languages);
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { vi: { translation: vi }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
}

/** Adds the texts of a page, which come with it and not with the shell. */
export function addTexts(texts: Readonly<Record<Language, object>>): void {
  for (const language of languages) {
    i18n.addResourceBundle(language, 'translation', texts[language], true);
  }
}

/** Switches the language and remembers it. */
export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
  await i18n.changeLanguage(language);
}
