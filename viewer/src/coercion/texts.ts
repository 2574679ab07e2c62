/** The texts of this panel. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/coercion.json';
import vi from '../locales/vi/coercion.json';

addTexts({ en, vi });
