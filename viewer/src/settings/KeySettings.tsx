/** Changing keys: each is taken by pressing it, and refused where it is another's; and what the mouse does. */
import { Plus, RotateCcw, X } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { keyName, keyOf } from '../tools/keyName';
import { type KeyAct, keyActs, refusalOf, tableBindings, withKeys, withoutOwn } from '../tools/keyTable';
import { MouseSettings } from './MouseSettings';
import { mouseSetting } from './mouse';
import { keysSetting, useBindings, useOwnKeys } from './useKeys';
import { useChangeSetting, useSettings } from './useSettings';

/** The button that asks for a key, and then takes the next one that is pressed; Escape takes none. */
function KeyCatcher(props: { readonly name: string; readonly onKey: (key: string) => void }) {
  const { t } = useTranslation();
  const [isCatching, setCatching] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isCatching) {
      return;
    }
    // Not the dialog's, nor the browser's as far as it lets go of it.
    event.preventDefault();
    event.stopPropagation();
    if (!/^(Shift|Control|Alt|AltGraph|Meta)$/.test(event.key)) {
      setCatching(false);
      if (event.key !== 'Escape') {
        props.onKey(keyOf(event.nativeEvent));
      }
    }
  };
  return (
    <button
      type="button"
      aria-label={t(isCatching ? 'help.change.pressText' : 'help.change.add', { name: props.name })}
      onClick={() => setCatching(true)}
      onKeyDownCapture={onKeyDown}
      onBlur={() => setCatching(false)}
      className={`flex h-8 min-w-8 items-center justify-center rounded-md border px-2 text-xs ${
        isCatching ? 'border-accent bg-canvas text-ink' : 'border-transparent text-soft hover:bg-hover hover:text-ink'
      }`}
    >
      {isCatching ? t('help.change.press') : <Plus size={16} aria-hidden />}
    </button>
  );
}

export function KeySettings() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const own = useOwnKeys();
  const bindings = useBindings();
  const settings = useSettings();
  const changeSetting = useChangeSetting();
  const [refused, setRefused] = useState<{ readonly id: string; readonly text: string }>();
  const nameOf = ({ label, place }: KeyAct) => t(label, { place });

  const keep = (value: object) =>
    changeSetting.mutate({ name: keysSetting, value: Object.keys(value).length > 0 ? value : undefined });
  const taken = (act: KeyAct, by: KeyAct, key: string) =>
    setRefused({ id: act.id, text: t('help.change.taken', { key: keyName(key, t), name: nameOf(by) }) });
  const add = (act: KeyAct, key: string) => {
    const refusal = refusalOf(bindings, act, key);
    if (refusal?.kind === 'taken') {
      taken(act, refusal.by, key);
    } else if (refusal) {
      const text = t(`help.change.${refusal.kind}`, { key: keyName(key, t), name: nameOf(act) });
      setRefused({ id: act.id, text });
    } else {
      setRefused(undefined);
      keep(withKeys(own, act, [...(bindings.get(act.id) ?? []), key]));
    }
  };
  const remove = (act: KeyAct, key: string) => {
    setRefused(undefined);
    keep(
      withKeys(
        own,
        act,
        (bindings.get(act.id) ?? []).filter((other) => other !== key),
      ),
    );
  };
  const reset = (act: KeyAct) => {
    const next = withoutOwn(own, act);
    if (next.kind === 'taken') {
      taken(act, next.by, next.key);
    } else {
      setRefused(undefined);
      keep(next.own);
    }
  };
  const resetAll = () => {
    setRefused(undefined);
    for (const name of [keysSetting, mouseSetting].filter((kept) => kept in (settings.data ?? {}))) {
      changeSetting.mutate({ name, value: undefined });
    }
  };

  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-[13px] text-soft">{t('help.change.text')}</p>
        <Button onPress={resetAll}>
          <RotateCcw size={15} aria-hidden />
          {t('help.change.resetAll')}
        </Button>
      </div>
      {changeSetting.isError ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger">
          {t('help.change.failed', { reason: failureText(changeSetting.error) })}
        </p>
      ) : null}
      <MouseSettings />
      <section aria-label={t('help.change.keys')}>
        <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-faint uppercase">{t('help.change.keys')}</h3>
        <ul className="gap-x-10 md:columns-2">
          {keyActs.map((act) => {
            const name = nameOf(act);
            const keys = bindings.get(act.id) ?? [];
            const isOwn = keys.join() !== tableBindings.get(act.id)?.join();
            return (
              <li key={act.id} className="break-inside-avoid border-b border-line/60 py-1 text-[13px]">
                <div className="flex min-h-9 items-center gap-2">
                  <span className="min-w-0 flex-1 text-soft">{name}</span>
                  {keys.map((key) => (
                    <span
                      key={key}
                      className="inline-flex h-6 items-center gap-1 rounded border border-strong bg-canvas pl-1.5 text-[11px] whitespace-nowrap"
                    >
                      <kbd className="font-sans">{keyName(key, t)}</kbd>
                      <button
                        type="button"
                        aria-label={t('help.change.remove', { key: keyName(key, t), name })}
                        onClick={() => remove(act, key)}
                        className="flex size-6 items-center justify-center text-soft hover:text-ink"
                      >
                        <X size={12} aria-hidden />
                      </button>
                    </span>
                  ))}
                  {keys.length === 0 ? <span className="text-xs text-faint">{t('help.change.none')}</span> : null}
                  <KeyCatcher name={name} onKey={(key) => add(act, key)} />
                  {isOwn ? (
                    <IconButton
                      icon={RotateCcw}
                      label={t('help.change.resetOne', { name })}
                      onPress={() => reset(act)}
                    />
                  ) : null}
                </div>
                {refused?.id === act.id ? (
                  <p role="alert" className="pb-1 text-xs text-danger">
                    {refused.text}
                  </p>
                ) : null}
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}
