/** The texts of how an image is presented. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/presentation.json';
import vi from '../locales/vi/presentation.json';

addTexts({ en, vi });
