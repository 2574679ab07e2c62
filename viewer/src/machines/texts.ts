/** The texts of these pages, which come with them and not with the shell. */
import { i18n } from '../app/i18n';
import en from '../locales/en/machines.json';
import vi from '../locales/vi/machines.json';

for (const [language, texts] of Object.entries({ en, vi })) {
  i18n.addResourceBundle(language, 'translation', texts, true);
}
