/** A secret that the server gave and does not give again: to be copied now. It is nowhere but on the page. */
import { Copy } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook } from '../app/controls';
import { copyText } from '../app/copyText';
import './texts';

export function ShownOnce(props: {
  readonly label: string;
  readonly secret: string;
  /** What is done with it. */
  readonly text: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  // What the focus was on is gone; and whoever may not use the clipboard copies by hand.
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const copy = () =>
    copyText(props.secret).then(
      () => setCopied(true),
      () => field.current?.select(),
    );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-[13px] text-soft">
          {props.label}
        </label>
        <div className="flex gap-2">
          <input
            ref={field}
            id={id}
            value={props.secret}
            readOnly
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-text`}
            className={`${fieldLook} font-mono`}
          />
          <Button look="primary" onPress={() => void copy()}>
            <Copy size={16} aria-hidden />
            {t('accounts.copy')}
          </Button>
        </div>
        <p role="status" className="min-h-4 text-xs text-good">
          {isCopied ? t('accounts.copied') : null}
        </p>
      </div>
      <p id={`${id}-text`} className="rounded-md bg-warn/20 px-3 py-2 text-sm text-warn">
        {t('accounts.onlyNow')} {props.text}
      </p>
      <footer>
        <Button onPress={props.onClose}>{t('common.close')}</Button>
      </footer>
    </div>
  );
}
