/** The texts of the page, and of sending. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/remote.json';
import vi from '../locales/vi/remote.json';

addTexts({ en, vi });
