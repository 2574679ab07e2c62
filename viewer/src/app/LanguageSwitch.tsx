/** Vietnamese or English; on a phone only the one that it would be switched to. Each language is named in itself, so that it is found by those who need it. */
import { useTranslation } from 'react-i18next';
import { Chip } from './controls';
import { languages, setLanguage } from './i18n';

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <fieldset aria-label={t('app.language')} className="flex gap-1 max-sm:[&>[aria-pressed=true]]:hidden">
      {languages.map((language) => (
        <Chip key={language} isSelected={i18n.language === language} onSelect={() => void setLanguage(language)}>
          <span lang={language}>{t(`languages.${language}`)}</span>
        </Chip>
      ))}
    </fieldset>
  );
}
