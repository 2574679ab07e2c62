/** The texts of this page and of its tools. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/viewer.json';
import vi from '../locales/vi/viewer.json';

addTexts({ en, vi });
