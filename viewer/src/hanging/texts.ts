/** The texts of hanging and of the patient's other studies. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/hanging.json';
import vi from '../locales/vi/hanging.json';

addTexts({ en, vi });
