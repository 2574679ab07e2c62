import { describe, expect, it } from 'vitest';
import { chooseLanguage } from './i18n';

describe('the language', () => {
  it('is what was chosen on this device', () => expect(chooseLanguage('en', ['vi-VN'])).toBe('en'));
  it('is else the first of the browser’s that there is', () => {
    expect(chooseLanguage(null, ['fr-FR', 'en-US', 'vi'])).toBe('en');
    expect(chooseLanguage('klingon', ['vi-VN', 'en'])).toBe('vi');
  });
  it('is else Vietnamese', () => expect(chooseLanguage(null, ['fr'])).toBe('vi'));
});
