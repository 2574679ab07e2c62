/** What is in the way, and beneath it how the server says it. */
import { useTranslation } from 'react-i18next';
import { troubleKey } from './troubleKey';

export function Trouble({ words }: { readonly words: string }) {
  const { t } = useTranslation();
  const key = troubleKey(words);
  return (
    <>
      <span className="block text-warn">{key === undefined ? words : t(key)}</span>
      {key === undefined ? null : <span className="block text-xs break-words text-faint">{words}</span>}
    </>
  );
}
