/** The texts of these pages. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/machines.json';
import vi from '../locales/vi/machines.json';

addTexts({ en, vi });
