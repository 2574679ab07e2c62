/** The texts of what is shown of objects beyond their pictures. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/objects.json';
import vi from '../locales/vi/objects.json';

addTexts({ en, vi });
