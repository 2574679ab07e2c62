/** The texts of annotations. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/annotations.json';
import vi from '../locales/vi/annotations.json';

addTexts({ en, vi });
