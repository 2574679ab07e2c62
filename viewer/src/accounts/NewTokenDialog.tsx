/** The form of a new token, and then its secret. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog, FormEnd, useFormRef, useRefusalText } from '../machines/FormDialog';
import { Checks, Choice, Line } from '../machines/fields';
import { makeToken } from '../server/signIns';
import { ShownOnce } from './ShownOnce';
import { firstWrong, newToken, reaches, type TokenDraft, tokenSettings } from './tokenDraft';

export function NewTokenDialog(props: {
  readonly account: string | undefined;
  readonly acts: readonly string[];
  readonly onMade: () => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: (draft: TokenDraft) => makeToken(props.account, tokenSettings(draft), new AbortController().signal),
    // The secret goes with the dialog.
    gcTime: 0,
    onSuccess: () => props.onMade(),
  });
  return (
    <FormDialog title={t('accounts.tokens.new')} onClose={props.onClose}>
      {make.isSuccess ? (
        <ShownOnce
          label={make.variables.label.trim()}
          secret={make.data}
          text={t('accounts.tokens.howUsed')}
          onClose={props.onClose}
        />
      ) : (
        <Form
          acts={props.acts}
          error={make.error}
          isBusy={make.isPending}
          onMake={make.mutate}
          onClose={props.onClose}
        />
      )}
    </FormDialog>
  );
}

function Form(props: {
  readonly acts: readonly string[];
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onMake: (draft: TokenDraft) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  const [draft, setDraft] = useState(newToken);
  const [wrong, setWrong] = useState<ReturnType<typeof firstWrong>>();
  const form = useFormRef(wrong);
  const onChange = (change: Partial<TokenDraft>) => {
    setDraft({ ...draft, ...change });
    setWrong(undefined);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = firstWrong(draft);
    setWrong(first);
    if (first === undefined) {
      props.onMake(draft);
    }
  };
  const refusal = props.error === null ? undefined : refusalText(props.error);
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <Line
          label={t('accounts.tokens.label')}
          hint={t('accounts.tokens.labelHint')}
          isRequired
          maxLength={64}
          value={draft.label}
          isWrong={wrong === 'label'}
          onChange={(label) => onChange({ label })}
        />
        <Line
          label={t('accounts.tokens.days')}
          hint={t('accounts.tokens.daysHint')}
          isNumber
          maxLength={4}
          value={draft.days}
          isWrong={wrong === 'days'}
          onChange={(days) => onChange({ days })}
        />
        <Choice
          label={t('accounts.tokens.for')}
          words={reaches}
          nameOf={(reach) => t(`accounts.tokens.reach.${reach}`)}
          value={draft.reach}
          onChange={(reach) => onChange({ reach })}
        />
        {draft.reach === 'some' ? (
          <Checks
            label={t('accounts.tokens.acts')}
            words={props.acts}
            nameOf={(act) => t(`accounts.acts.${act}`, { defaultValue: act })}
            values={draft.acts}
            onChange={(acts) => onChange({ acts })}
          />
        ) : null}
      </div>
      <FormEnd
        problem={wrong === undefined ? refusal : t(`accounts.tokens.wrong.${wrong}`)}
        submit={t('accounts.tokens.add')}
        isBusy={props.isBusy}
        onClose={props.onClose}
      />
    </form>
  );
}
