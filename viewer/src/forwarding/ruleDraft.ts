/** A rule as a form has it. */
import type { Condition, Rule, Settings } from '../server/forwarding';
import { isName } from './destinationDraft';
import { type HoursDraft, hoursDraft, hoursText, isHours } from './hours';

export interface ConditionDraft {
  readonly attribute: string;
  readonly not: boolean;
  /** One a line. */
  readonly values: string;
}

export interface RuleDraft {
  readonly name: string;
  readonly active: boolean;
  readonly peers: readonly string[];
  readonly conditions: readonly ConditionDraft[];
  readonly hours: HoursDraft;
  readonly destinations: readonly string[];
}

export const newCondition: ConditionDraft = { attribute: '', not: false, values: '' };

/** What a form begins with: a rule that is known, or a new one, which is tried before it is switched on. */
export function ruleDraft(rule: Rule | undefined, now: Date): RuleDraft {
  return {
    name: rule?.name ?? '',
    active: rule?.active ?? false,
    peers: rule?.peers ?? [],
    conditions: rule?.conditions.map(({ values, ...rest }) => ({ ...rest, values: values.join('\n') })) ?? [],
    hours: hoursDraft(rule?.hours, now),
    destinations: rule?.destinations ?? [],
  };
}

function condition({ attribute, not, values }: ConditionDraft): Condition {
  const lines = values.split('\n').map((value) => value.trim());
  return { attribute: attribute.trim(), not, values: lines.filter((value) => value !== '') };
}

/** What is sent. Settings that no field here shows stay as they are. */
export function ruleSettings(draft: RuleDraft, rule: Rule | undefined): Settings {
  const { name: _named, ...kept } = rule ?? { name: '' };
  return {
    ...kept,
    active: draft.active,
    peers: draft.peers,
    conditions: draft.conditions.map(condition),
    hours: hoursText(draft.hours),
    destinations: draft.destinations,
  };
}

/** The first field that cannot be sent so. */
export function firstWrongOfRule(draft: RuleDraft): string | undefined {
  const nameless = draft.conditions.findIndex(({ attribute }) => attribute.trim() === '');
  const checks: Readonly<Record<string, boolean>> = {
    name: isName(draft.name),
    [`attribute.${nameless}`]: nameless === -1,
    hours: isHours(draft.hours),
    destinations: draft.destinations.length > 0,
  };
  return Object.keys(checks).find((field) => checks[field] === false);
}
