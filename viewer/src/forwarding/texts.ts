/** The texts of this page. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/forwarding.json';
import vi from '../locales/vi/forwarding.json';

addTexts({ en, vi });
