/** The panel of what is shown of what a machine sends, or all, in place of what was sent; it is tried before it is saved. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FlaskConical, ServerCrash } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { FormDialog, FormEnd, Group, useFormRef, useRefusalText } from '../machines/FormDialog';
import { Choice } from '../machines/fields';
import { type Coercion, fetchCoercion, previewCoercion, putCoercion } from '../server/coercion';
import { type CoercionDraft, characterSets, coercionDraft, coercionOf, firstWrong, scopes } from './draft';
import { PreviewTable } from './PreviewTable';
import { RuleList } from './RuleList';
import { useWrongRule } from './useWrongRule';
import './texts';

interface PanelProps {
  /** AE title of the machine; `null` for all. */
  readonly peer: string | null;
  /** Those with whose images rules for all can be tried. */
  readonly machines: readonly string[];
  readonly onClose: () => void;
}

function Form({ peer, machines, coercion, onClose }: PanelProps & { readonly coercion: Coercion }) {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(() => coercionDraft(coercion));
  const [tried, setTried] = useState(peer ?? machines[0]);
  const [found, setFound] = useState<string>();
  const save = useMutation({
    mutationFn: () => putCoercion(peer, coercionOf(draft), new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['coercion'] }),
  });
  const preview = useMutation({
    mutationFn: (sender: string) => previewCoercion(sender, coercionOf(draft), new AbortController().signal),
  });
  const failure = save.error ?? preview.error;
  const wrong = useWrongRule('rules')(found, failure);
  const form = useFormRef(wrong?.field);
  const begin = (first: string | undefined) => {
    setFound(first);
    save.reset();
    preview.reset();
  };
  const act = (perform: () => void) => {
    const first = firstWrong(draft.rules);
    begin(first);
    if (first === undefined) {
      perform();
    }
  };
  const onChange = (change: Partial<CoercionDraft>) => {
    setDraft({ ...draft, ...change });
    begin(undefined);
  };
  const problem = wrong?.problem ?? (failure === null ? undefined : refusalText(failure));
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        act(save.mutate);
      }}
      noValidate
      className="flex flex-col gap-5"
    >
      <p className="text-sm text-soft">{t(peer === null ? 'coercion.textForAll' : 'coercion.text')}</p>
      <Group title={t('coercion.characterSet')}>
        <Choice
          label={t('coercion.assume')}
          words={characterSets}
          nameOf={(word) => t(`coercion.sets.${word || 'none'}`)}
          value={draft.assume}
          onChange={(assume) => onChange({ assume })}
        />
        {draft.assume === '' ? null : (
          <Choice
            label={t('coercion.appliesTo')}
            words={scopes}
            nameOf={(word) => t(`coercion.scopes.${word}`)}
            value={draft.appliesTo}
            onChange={(appliesTo) => onChange({ appliesTo })}
          />
        )}
      </Group>
      <RuleList rules={draft.rules} wrong={wrong} onChange={(rules) => onChange({ rules })} />
      {peer === null && tried !== undefined ? (
        <Choice
          label={t('coercion.tryWith')}
          words={machines}
          nameOf={(machine) => machine}
          value={tried}
          onChange={(machine) => {
            setTried(machine);
            preview.reset();
          }}
        />
      ) : null}
      <div role="status">{preview.data === undefined ? null : <PreviewTable preview={preview.data} />}</div>
      <FormEnd problem={problem} submit={t('machines.form.save')} isBusy={save.isPending} onClose={onClose}>
        {tried === undefined ? null : (
          <Button isDisabled={preview.isPending} onPress={() => act(() => preview.mutate(tried))}>
            <FlaskConical size={16} aria-hidden />
            {t('coercion.preview')}
          </Button>
        )}
      </FormEnd>
    </form>
  );
}

export function CoercionDialog(props: PanelProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { peer, onClose } = props;
  const coercion = useQuery({
    queryKey: ['coercion', peer],
    queryFn: ({ signal }) => fetchCoercion(peer, signal),
    // What is being typed is not read anew beneath the hands.
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <FormDialog
      title={peer === null ? t('coercion.titleForAll') : t('coercion.title', { name: peer })}
      onClose={onClose}
    >
      {coercion.isError ? (
        <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(coercion.error)}>
          <RetryButton onPress={() => void coercion.refetch()} />
        </Notice>
      ) : coercion.data === undefined ? (
        <p role="status">{t('common.loading')}</p>
      ) : (
        <Form {...props} coercion={coercion.data} />
      )}
    </FormDialog>
  );
}
