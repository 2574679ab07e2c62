/** The texts of the page of who printed and exported. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/exports.json';
import vi from '../locales/vi/exports.json';

addTexts({ en, vi });
