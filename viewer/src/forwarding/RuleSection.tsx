/** Rules: what each means and where it goes, and the ways to add, switch, change and remove one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ListFilter, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { Notice } from '../app/Notice';
import { useRefusalText } from '../machines/FormDialog';
import { Alert, Badge, cell, Section, Table } from '../machines/Section';
import { type Condition, fetchDestinations, fetchRules, putRule, type Rule, removeRule } from '../server/forwarding';
import { RuleDialog } from './RuleForm';

const columns = ['rule', 'state', 'storedBy', 'conditions', 'goesTo'] as const;

export function RuleSection() {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  const queryClient = useQueryClient();
  /** Which rule is open; an empty name stands for a new one. */
  const [opened, setOpened] = useState<string>();
  const list = useQuery({ queryKey: ['forwarding', 'rules'], queryFn: ({ signal }) => fetchRules(signal) });
  const destinations = useQuery({
    queryKey: ['forwarding', 'destinations'],
    queryFn: ({ signal }) => fetchDestinations(signal),
  });
  const settle = { onSettled: () => queryClient.invalidateQueries({ queryKey: ['forwarding'] }) };
  const remove = useMutation({
    mutationFn: (name: string) => removeRule(name, new AbortController().signal),
    ...settle,
  });
  const change = useMutation({
    mutationFn: ({ name, ...settings }: Rule) =>
      putRule(name, { ...settings, active: !settings.active }, new AbortController().signal),
    ...settle,
  });
  const failure = remove.error ?? change.error;
  const names = (destinations.data ?? []).map(({ name }) => name);
  return (
    <Section
      title={t('forwarding.rules')}
      text={t('forwarding.rulesText')}
      action={
        <Button look="primary" isDisabled={names.length === 0} onPress={() => setOpened('')}>
          <Plus size={16} aria-hidden />
          {t('forwarding.addRule')}
        </Button>
      }
    >
      {failure === null ? null : <Alert>{refusalText(failure)}</Alert>}
      <Table
        list={list}
        columns={[...columns.map((column) => t(`forwarding.columns.${column}`)), '']}
        empty={<Notice icon={ListFilter} title={t('forwarding.noRules')} text={t('forwarding.noRulesText')} />}
      >
        {(rule) => (
          <RuleRow
            key={rule.name}
            rule={rule}
            isBusy={remove.isPending || change.isPending}
            onEdit={setOpened}
            onSwitch={change.mutate}
            onRemove={remove.mutate}
          />
        )}
      </Table>
      {opened === undefined ? null : (
        <RuleDialog
          rule={list.data?.find(({ name }) => name === opened)}
          rules={(list.data ?? []).map(({ name }) => name)}
          destinations={names}
          onClose={() => setOpened(undefined)}
        />
      )}
    </Section>
  );
}

function RuleRow(props: {
  readonly rule: Rule;
  readonly isBusy: boolean;
  readonly onEdit: (name: string) => void;
  readonly onSwitch: (rule: Rule) => void;
  readonly onRemove: (name: string) => void;
}) {
  const { t } = useTranslation();
  const { rule } = props;
  const { name, active, peers, conditions, hours, destinations } = rule;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {name}
      </th>
      <td className={cell}>
        <Badge look={active ? 'good' : 'plain'}>{t(active ? 'forwarding.on' : 'forwarding.off')}</Badge>
      </td>
      <td className={`${cell} text-soft`}>
        {peers.length === 0 ? t('forwarding.anybody') : peers.join(', ')}
        {hours == null ? null : <span className="block text-xs tabular-nums text-faint">{hours}</span>}
      </td>
      <td className={`${cell} text-soft`}>
        {conditions.length === 0
          ? t('forwarding.everything')
          : // biome-ignore lint/suspicious/noArrayIndexKey: a condition has nothing that names it
            conditions.map((condition, place) => <ConditionText key={place} condition={condition} />)}
      </td>
      <td className={cell}>{destinations.join(', ')}</td>
      <td className="px-5 py-1">
        <div className="flex items-center justify-end gap-1">
          <Button
            label={t(active ? 'forwarding.switchOffNamed' : 'forwarding.switchOnNamed', { name })}
            isDisabled={props.isBusy}
            onPress={() => props.onSwitch(rule)}
          >
            {t(active ? 'forwarding.switchOff' : 'forwarding.switchOn')}
          </Button>
          <IconButton icon={Pencil} label={t('forwarding.ruleNamed', { name })} onPress={() => props.onEdit(name)} />
          <IconButton
            icon={Trash2}
            label={t('forwarding.removeRuleNamed', { name })}
            isDisabled={props.isBusy}
            onPress={() => {
              if (window.confirm(t('forwarding.confirmRemoveRule', { name }))) {
                props.onRemove(name);
              }
            }}
          />
        </div>
      </td>
    </tr>
  );
}

function ConditionText({ condition }: { readonly condition: Condition }) {
  const { t } = useTranslation();
  const { attribute, not, values } = condition;
  const word = values.length === 0 ? (not ? 'present' : 'missing') : not ? 'isNot' : 'is';
  return (
    <span className="block">{t(`forwarding.conditionTexts.${word}`, { attribute, values: values.join(', ') })}</span>
  );
}
