/** The texts of the page about Filmless. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/about.json';
import vi from '../locales/vi/about.json';

addTexts({ en, vi });
