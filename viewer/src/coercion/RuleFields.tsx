/** The fields of one rule: when it holds, which attribute it changes, and how. */
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { usualAttributes } from '../machines/attributes';
import { Choice, Line, Lines } from '../machines/fields';
import { actions, type ConditionDraft, membersOf, newCondition, type RuleDraft, tests } from './draft';

export function RuleFields(props: {
  readonly rule: RuleDraft;
  readonly number: number;
  readonly isLast: boolean;
  /** What is wrong with a field, if anything. */
  readonly problemOf: (field: string) => string | undefined;
  readonly onChange: (change: Partial<RuleDraft>) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onDrop: () => void;
}) {
  const { t } = useTranslation();
  const { rule, number, onChange } = props;
  const state = (field: string) => {
    const problem = props.problemOf(field);
    return { isWrong: problem !== undefined, problem };
  };
  const members = membersOf(rule.action);
  return (
    <fieldset className="flex flex-col gap-3 rounded-md border border-line p-3">
      <legend className="px-1 text-sm font-semibold">{t('coercion.rule', { number })}</legend>
      <div className="grid grid-cols-[1fr_1fr_1fr_auto] items-start gap-x-3 gap-y-3">
        <Line
          label={t('coercion.fields.attribute')}
          offered={usualAttributes}
          value={rule.attribute}
          {...state('attribute')}
          onChange={(attribute) => onChange({ attribute })}
        />
        <Choice
          label={t('coercion.fields.action')}
          words={actions}
          nameOf={(action) => t(`coercion.actions.${action}`)}
          value={rule.action}
          onChange={(action) => onChange({ action })}
        />
        <Line
          label={t('coercion.fields.name')}
          maxLength={64}
          value={rule.name}
          {...state('name')}
          onChange={(name) => onChange({ name })}
        />
        <div className="flex pt-6">
          <IconButton
            icon={ArrowUp}
            label={t('coercion.up', { number })}
            isDisabled={number === 1}
            onPress={() => props.onMove(-1)}
          />
          <IconButton
            icon={ArrowDown}
            label={t('coercion.down', { number })}
            isDisabled={props.isLast}
            onPress={() => props.onMove(1)}
          />
          <IconButton icon={X} label={t('coercion.drop', { number })} onPress={props.onDrop} />
        </div>
        {members.map((member) =>
          member === 'values' ? (
            <Lines
              key={member}
              label={t('coercion.fields.values')}
              value={rule.values}
              {...state(member)}
              onChange={(values) => onChange({ values })}
            />
          ) : (
            <Line
              key={member}
              label={t(`coercion.fields.${member}`)}
              maxLength={1024}
              value={rule[member]}
              {...state(member)}
              onChange={(text) => onChange({ [member]: text })}
            />
          ),
        )}
      </div>
      <Conditions when={rule.when} state={state} onChange={(when) => onChange({ when })} />
    </fieldset>
  );
}

function Conditions(props: {
  readonly when: readonly ConditionDraft[];
  readonly state: (field: string) => { readonly isWrong: boolean; readonly problem: string | undefined };
  readonly onChange: (when: readonly ConditionDraft[]) => void;
}) {
  const { t } = useTranslation();
  const { when, state, onChange } = props;
  const change = (place: number, changed: Partial<ConditionDraft>) =>
    onChange(when.map((condition, index) => (index === place ? { ...condition, ...changed } : condition)));
  return (
    <>
      {when.map((condition, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition has nothing that names it
        <div key={place} className="grid grid-cols-[1fr_1fr_1fr_auto] items-start gap-x-3">
          <Line
            label={t('coercion.fields.when')}
            offered={usualAttributes}
            value={condition.attribute}
            {...state(`when.${place}`)}
            onChange={(attribute) => change(place, { attribute })}
          />
          <Choice
            label={t('coercion.test')}
            words={tests}
            nameOf={(test) => t(`coercion.tests.${test}`)}
            value={condition.test}
            onChange={(test) => change(place, { test })}
          />
          {condition.test === 'missing' ? (
            <span />
          ) : (
            <Line
              label={t('coercion.fields.value')}
              maxLength={1024}
              value={condition.text}
              isWrong={false}
              onChange={(text) => change(place, { text })}
            />
          )}
          <div className="pt-6">
            <IconButton
              icon={X}
              label={t('coercion.dropCondition', { number: place + 1 })}
              onPress={() => onChange(when.filter((_, index) => index !== place))}
            />
          </div>
        </div>
      ))}
      <div>
        <Button look="quiet" onPress={() => onChange([...when, newCondition])}>
          <Plus size={16} aria-hidden />
          {t('coercion.addCondition')}
        </Button>
      </div>
    </>
  );
}
