/** The texts of the list of keys, and of its change. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/help.json';
import vi from '../locales/vi/help.json';

addTexts({ en, vi });
