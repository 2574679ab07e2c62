/** The texts of volumes. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/volume.json';
import vi from '../locales/vi/volume.json';

addTexts({ en, vi });
