/** Saving in the reader's language. */
import { useTranslation } from 'react-i18next';
import type { Language } from '../app/i18n';
import { linesOf } from './measureText';
import type { AnnotationTable } from './table';

export function useSave({ keeper }: AnnotationTable): () => Promise<void> {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  // It goes on if the panel is closed meanwhile.
  return () => keeper.save(language, (annotation) => linesOf(annotation, language, t), new AbortController().signal);
}
