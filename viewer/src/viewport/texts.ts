/** The texts of this page and of its tools. */
import { addTexts } from '../app/i18n';
import liteEn from '../locales/en/lite.json';
import en from '../locales/en/viewer.json';
import liteVi from '../locales/vi/lite.json';
import vi from '../locales/vi/viewer.json';

addTexts({ en: { ...en, ...liteEn }, vi: { ...vi, ...liteVi } });
