/** What the headers of instances must say for a rule to mean them. */
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { usualAttributes } from '../machines/attributes';
import { Choice, Line, Lines } from '../machines/fields';
import { type ConditionDraft, newCondition } from './ruleDraft';

const tests = ['is', 'isNot'] as const;

export function Conditions(props: {
  readonly conditions: readonly ConditionDraft[];
  /** Whether the attribute at a place is wrong. */
  readonly isWrong: (place: number) => boolean;
  readonly onChange: (conditions: readonly ConditionDraft[]) => void;
}) {
  const { t } = useTranslation();
  const { conditions, isWrong, onChange } = props;
  const change = (place: number, changed: Partial<ConditionDraft>) =>
    onChange(conditions.map((condition, index) => (index === place ? { ...condition, ...changed } : condition)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 text-sm font-semibold">{t('forwarding.conditions')}</legend>
      <p className="text-xs text-faint">{t('forwarding.conditionsHint')}</p>
      {conditions.map((condition, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition has nothing that names it
        <div key={place} className="grid grid-cols-[1.2fr_1fr_1.2fr_auto] items-start gap-x-3">
          <Line
            label={t('forwarding.fields.attribute')}
            offered={usualAttributes}
            value={condition.attribute}
            isWrong={isWrong(place)}
            onChange={(attribute) => change(place, { attribute })}
          />
          <Choice
            label={t('forwarding.test')}
            words={tests}
            nameOf={(word) => t(`forwarding.tests.${word}`)}
            value={condition.not ? 'isNot' : 'is'}
            onChange={(word) => change(place, { not: word === 'isNot' })}
          />
          <Lines
            label={t('forwarding.values')}
            value={condition.values}
            isWrong={false}
            onChange={(values) => change(place, { values })}
          />
          <div className="pt-6">
            <IconButton
              icon={X}
              label={t('forwarding.dropCondition', { number: place + 1 })}
              onPress={() => onChange(conditions.filter((_, index) => index !== place))}
            />
          </div>
        </div>
      ))}
      <div>
        <Button onPress={() => onChange([...conditions, newCondition])}>
          <Plus size={16} aria-hidden />
          {t('forwarding.addCondition')}
        </Button>
      </div>
    </fieldset>
  );
}
