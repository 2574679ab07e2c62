/** The texts of taking pictures out. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/export.json';
import vi from '../locales/vi/export.json';

addTexts({ en, vi });
