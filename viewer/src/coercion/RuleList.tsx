/** Rules in their order, and the way to add one. */
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { moved } from '../machines/draft';
import { newRule, type RuleDraft } from './draft';
import { RuleFields } from './RuleFields';
import type { WrongRule } from './useWrongRule';
import './texts';

export function RuleList(props: {
  readonly rules: readonly RuleDraft[];
  readonly wrong: WrongRule | undefined;
  readonly onChange: (rules: readonly RuleDraft[]) => void;
}) {
  const { t } = useTranslation();
  const { rules, wrong, onChange } = props;
  const change = (place: number, changed: Partial<RuleDraft>) =>
    onChange(rules.map((rule, index) => (index === place ? { ...rule, ...changed } : rule)));
  return (
    <>
      {rules.map((rule, place) => (
        <RuleFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule need not have a name
          key={place}
          rule={rule}
          number={place + 1}
          isLast={place === rules.length - 1}
          problemOf={(field) => (wrong?.field === `${place}.${field}` ? wrong.words : undefined)}
          onChange={(changed) => change(place, changed)}
          onMove={(by) => onChange(moved(rules, place, by))}
          onDrop={() => onChange(rules.filter((_, index) => index !== place))}
        />
      ))}
      <div>
        <Button onPress={() => onChange([...rules, newRule])}>
          <Plus size={16} aria-hidden />
          {t('coercion.add')}
        </Button>
      </div>
    </>
  );
}
