/** The texts of this page. */
import { addTexts } from '../app/i18n';
import en from '../locales/en/orders.json';
import vi from '../locales/vi/orders.json';

addTexts({ en, vi });
