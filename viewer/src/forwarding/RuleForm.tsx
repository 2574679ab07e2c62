/** The form of a rule: to add one, to change one, and to try it on what is stored. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { FormDialog, FormEnd, useFormRef, useRefusalText } from '../machines/FormDialog';
import { Check, Checks, Line } from '../machines/fields';
import { type Meant, putRule, type Rule, tryRule } from '../server/forwarding';
import { fetchPeers } from '../server/machines';
import { Conditions } from './Conditions';
import { HoursFields } from './HoursFields';
import { firstWrongOfRule, type RuleDraft, ruleDraft, ruleSettings } from './ruleDraft';

/** As many studies are named; of the others it is said how many. */
const namedStudies = 10;

interface FormProps {
  readonly rule: Rule | undefined;
  readonly rules: readonly string[];
  readonly destinations: readonly string[];
  readonly onClose: () => void;
}

function Form({ rule, rules, destinations, onClose }: FormProps) {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  const queryClient = useQueryClient();
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const [draft, setDraft] = useState(() => ruleDraft(rule, new Date()));
  const [wrong, setWrong] = useState<string>();
  const form = useFormRef(wrong);
  const name = draft.name.trim();
  const save = useMutation({
    mutationFn: () => putRule(name, ruleSettings(draft, rule), new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['forwarding'] }),
  });
  const trial = useMutation({
    mutationFn: () => tryRule(name, ruleSettings(draft, rule), new AbortController().signal),
  });
  const isTaken = rule === undefined && rules.includes(name);
  const act = (perform: () => void) => {
    const first = isTaken ? 'name' : firstWrongOfRule(draft);
    setWrong(first);
    save.reset();
    trial.reset();
    if (first === undefined) {
      perform();
    }
  };
  const problem = () => {
    if (wrong !== undefined) {
      const field = t(`forwarding.fields.${wrong.split('.')[0]}`);
      return isTaken ? t('forwarding.takenRule') : t('machines.form.wrong', { field });
    }
    const failure = save.error ?? trial.error;
    return failure === null ? undefined : refusalText(failure);
  };
  const onChange = (change: Partial<RuleDraft>) => {
    setDraft({ ...draft, ...change });
    trial.reset();
  };
  const isWrong = (field: string) => field === wrong;
  return (
    <form
      ref={form}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        act(save.mutate);
      }}
      noValidate
      className="flex flex-col gap-5"
    >
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <Line
          label={t('forwarding.fields.name')}
          isRequired
          isReadOnly={rule !== undefined}
          maxLength={64}
          value={draft.name}
          isWrong={isWrong('name')}
          onChange={(changed) => onChange({ name: changed })}
        />
        <HoursFields hours={draft.hours} isWrong={isWrong('hours')} onChange={(hours) => onChange({ hours })} />
        <Checks
          label={t('forwarding.fields.destinations')}
          words={[...new Set([...destinations, ...draft.destinations])]}
          nameOf={(word) => word}
          values={draft.destinations}
          onChange={(chosen) => onChange({ destinations: chosen })}
        />
        <Checks
          label={t('forwarding.storedBy')}
          words={[...new Set([...(peers.data ?? []).map((peer) => peer.ae_title), ...draft.peers])]}
          nameOf={(word) => word}
          values={draft.peers}
          onChange={(chosen) => onChange({ peers: chosen })}
        />
      </div>
      <Conditions
        conditions={draft.conditions}
        isWrong={(place) => isWrong(`attribute.${place}`)}
        onChange={(conditions) => onChange({ conditions })}
      />
      <Check
        label={t('forwarding.ruleActive')}
        hint={t('forwarding.ruleActiveHint')}
        value={draft.active}
        onChange={(active) => setDraft({ ...draft, active })}
      />
      <div role="status">{trial.data === undefined ? null : <Trial meant={trial.data} />}</div>
      <FormEnd
        problem={problem()}
        submit={t(rule ? 'machines.form.save' : 'forwarding.addRule')}
        isBusy={save.isPending}
        onClose={onClose}
      >
        <Button isDisabled={trial.isPending} onPress={() => act(trial.mutate)}>
          <FlaskConical size={16} aria-hidden />
          {t(trial.isPending ? 'forwarding.trying' : 'forwarding.try')}
        </Button>
      </FormEnd>
    </form>
  );
}

/** What a rule would have meant. */
function Trial({ meant }: { readonly meant: Meant }) {
  const { t } = useTranslation();
  const { looked_at, instances, studies } = meant;
  return (
    <div className="rounded-md border border-line bg-raised px-3 py-2 text-sm">
      <p className="font-medium">{t('forwarding.meant', { count: instances, lookedAt: looked_at })}</p>
      <ul className="mt-1 flex flex-col gap-0.5">
        {studies.slice(0, namedStudies).map(({ study, instances: count }) => (
          <li key={study} className="flex gap-2 text-xs text-soft">
            <Link
              to="/studies/$studyUid"
              params={{ studyUid: study }}
              target="_blank"
              className="min-w-0 truncate text-accent hover:underline"
            >
              {study}
            </Link>
            <span className="whitespace-nowrap">{t('forwarding.instances', { count })}</span>
          </li>
        ))}
      </ul>
      {studies.length > namedStudies ? (
        <p className="mt-1 text-xs text-faint">
          {t('forwarding.moreStudies', { count: studies.length - namedStudies })}
        </p>
      ) : null}
    </div>
  );
}

export function RuleDialog(props: FormProps) {
  const { t } = useTranslation();
  const title = props.rule ? t('forwarding.ruleNamed', { name: props.rule.name }) : t('forwarding.newRule');
  return (
    <FormDialog title={title} onClose={props.onClose}>
      <Form {...props} />
    </FormDialog>
  );
}
