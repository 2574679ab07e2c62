/** What is in the way, and beneath it how the server says it. */
import { useTranslation } from 'react-i18next';
import { useReason } from '../remote/useReason';
import { troubleKey } from './troubleKey';

export function Trouble({ words }: { readonly words: string }) {
  const { t } = useTranslation();
  const reasonText = useReason();
  const textOf = (said: string): string => {
    const known = troubleKey(said);
    return known === undefined ? reasonText(said) : t(known.key, { why: textOf(known.why ?? '') });
  };
  const text = textOf(words);
  return (
    <>
      <span className="block text-warn">{text}</span>
      {text === words ? null : <span className="block text-xs break-words text-faint">{words}</span>}
    </>
  );
}
