/** The texts of what comes after the list. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/listMenu.json';
import vi from '../locales/vi/listMenu.json';

addTexts({ en, vi });
