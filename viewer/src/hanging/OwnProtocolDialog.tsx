/** The reader's own hanging protocols: the present layout saved as one, and those that are there renamed and deleted. */
import { Trash2 } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button, fieldLook, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { FormDialog } from '../machines/FormDialog';
import { useChangeSetting, useSettings } from '../settings/useSettings';
import type { Reading } from '../viewport/readingState';
import { protocolOf } from './hanging';
import type { OwnProtocol, Protocol } from './protocol';
import { ownPrefix, ownProtocols } from './useHanging';

const longestName = 80;

function NameForm(props: {
  readonly initial: string;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly onSubmit: (name: string) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(props.initial);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') {
      props.onSubmit(name.trim());
    }
  };
  return (
    <form onSubmit={submit} className="flex min-w-0 flex-1 items-end gap-2">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="mb-1 block text-[13px] text-soft">
          {t('hanging.name')}
        </label>
        <input
          id={id}
          value={name}
          maxLength={longestName}
          onChange={(event) => setName(event.target.value)}
          className={fieldLook}
        />
      </div>
      <Button type="submit" look="primary" isDisabled={props.isBusy || name.trim() === '' || name === props.initial}>
        {props.submit}
      </Button>
    </form>
  );
}

function Save({ reading, onClose }: { readonly reading: Reading; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const hanging = useStore(reading.store, (state) => state.hanging);
  const layout = useStore(reading.store, (state) => state.layout);
  const changeSetting = useChangeSetting();
  const protocol = protocolOf(hanging, layout);
  if (!protocol) {
    return <p className="text-sm text-soft">{t('hanging.saveNothing')}</p>;
  }
  const { modalities = [], bodyParts = [] } = protocol.studies;
  const save = (name: string) => {
    const value: OwnProtocol = { name, ...protocol };
    changeSetting.mutate({ name: `${ownPrefix}${crypto.randomUUID()}`, value }, { onSuccess: onClose });
  };
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-soft">{t('hanging.saveText', { study: [...modalities, ...bodyParts].join(' ') })}</p>
      <NameForm initial="" submit={t('hanging.saved')} isBusy={changeSetting.isPending} onSubmit={save} />
      {changeSetting.isError ? (
        <p role="alert" className="text-sm text-danger">
          {t('hanging.failed', { reason: failureText(changeSetting.error) })}
        </p>
      ) : null}
    </div>
  );
}

function Manage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const own = ownProtocols(useSettings().data);
  const changeSetting = useChangeSetting();
  const rename = ({ id, ...protocol }: Protocol, name: string) =>
    changeSetting.mutate({ name: id, value: { ...protocol, name } });
  if (own.length === 0) {
    return <p className="text-sm text-soft">{t('hanging.manageNone')}</p>;
  }
  return (
    <>
      <ul className="flex flex-col gap-4">
        {own.map((protocol) => (
          <li key={`${protocol.id} ${protocol.name}`} className="flex items-end gap-2">
            <NameForm
              initial={protocol.name ?? ''}
              submit={t('hanging.rename')}
              isBusy={changeSetting.isPending}
              onSubmit={(name) => rename(protocol, name)}
            />
            <IconButton
              icon={Trash2}
              label={t('hanging.remove', { name: protocol.name })}
              onPress={() => changeSetting.mutate({ name: protocol.id, value: undefined })}
            />
          </li>
        ))}
      </ul>
      {changeSetting.isError ? (
        <p role="alert" className="mt-4 text-sm text-danger">
          {t('hanging.failed', { reason: failureText(changeSetting.error) })}
        </p>
      ) : null}
    </>
  );
}

export function OwnProtocolDialog(props: {
  readonly reading: Reading;
  readonly kind: 'save' | 'manage';
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <FormDialog title={t(props.kind === 'save' ? 'hanging.saveTitle' : 'hanging.manageTitle')} onClose={props.onClose}>
      {props.kind === 'save' ? <Save reading={props.reading} onClose={props.onClose} /> : <Manage />}
    </FormDialog>
  );
}
