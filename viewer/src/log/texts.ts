/** The texts of the pages of who did what. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/log.json';
import vi from '../locales/vi/log.json';

addTexts({ en, vi });
