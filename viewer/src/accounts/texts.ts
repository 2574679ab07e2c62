/** The texts of these pages. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/accounts.json';
import vi from '../locales/vi/accounts.json';

addTexts({ en, vi });
