/** Rules of coercion as a form has them: every member a text, whichever of them the action needs. */
import type { Coercion, CoercionCondition, CoercionRule, Preview } from '../server/coercion';

export const characterSets = ['', 'utf-8', 'tcvn3', 'vni', 'viscii', 'windows-1258'] as const;
export const scopes = ['undeclared', 'all'] as const;
export const actions = [
  'set',
  'remove',
  'prefix',
  'suffix',
  'replace',
  'map',
  'uppercase',
  'lowercase',
  'capitalise',
  'trim',
] as const;
export const tests = ['equals', 'matches', 'missing'] as const;

export type Action = (typeof actions)[number];
export type Test = (typeof tests)[number];

export interface ConditionDraft {
  readonly attribute: string;
  readonly test: Test;
  readonly text: string;
}

export interface RuleDraft {
  readonly name: string;
  readonly when: readonly ConditionDraft[];
  readonly attribute: string;
  readonly action: string;
  readonly value: string;
  readonly pattern: string;
  readonly with: string;
  /** A pair a line: what is there, `=`, what it becomes. */
  readonly values: string;
}

export interface CoercionDraft {
  /** Empty where texts are read as they say. */
  readonly assume: string;
  readonly appliesTo: string;
  readonly rules: readonly RuleDraft[];
}

export const newCondition: ConditionDraft = { attribute: '', test: 'missing', text: '' };

export const newRule: RuleDraft = {
  name: '',
  when: [],
  attribute: '',
  action: 'set',
  value: '',
  pattern: '',
  with: '',
  values: '',
};

function conditionDraft({ attribute, equals, matches }: CoercionCondition): ConditionDraft {
  const test = equals === undefined ? (matches === undefined ? 'missing' : 'matches') : 'equals';
  return { attribute, test, text: equals ?? matches ?? '' };
}

/** What the fields of a rule begin with. */
export function ruleDraft(rule: CoercionRule): RuleDraft {
  return {
    name: rule.name ?? '',
    when: (rule.when ?? []).map(conditionDraft),
    attribute: rule.attribute,
    action: rule.action,
    value: rule.value ?? '',
    pattern: rule.pattern ?? '',
    with: rule.with ?? '',
    values: Object.entries(rule.values ?? {})
      .map(([from, to]) => `${from} = ${to}`)
      .join('\n'),
  };
}

/** What a form begins with. */
export function coercionDraft({ character_set, rules }: Coercion): CoercionDraft {
  return {
    assume: character_set?.assume ?? '',
    appliesTo: character_set?.applies_to ?? 'undeclared',
    rules: rules.map(ruleDraft),
  };
}

/** The pairs of a text, or `undefined` if a line is none. */
export function pairs(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const read = lines.map((line) => {
    const place = line.indexOf('=');
    return [line.slice(0, Math.max(0, place)).trim(), line.slice(place + 1).trim()] as const;
  });
  return read.length === 0 || read.some(([from, to]) => from === '' || to === '')
    ? undefined
    : Object.fromEntries(read);
}

/** Which members an action has besides the attribute. */
export function membersOf(action: string): readonly ('value' | 'pattern' | 'with' | 'values')[] {
  switch (action) {
    case 'set':
    case 'prefix':
    case 'suffix':
      return ['value'];
    case 'replace':
      return ['pattern', 'with'];
    case 'map':
      return ['values'];
    default:
      return [];
  }
}

function condition({ attribute, test, text }: ConditionDraft): CoercionCondition {
  return { attribute: attribute.trim(), ...(test === 'missing' ? { missing: true } : { [test]: text }) };
}

/** A rule as it is sent. */
export function ruleOf(draft: RuleDraft): CoercionRule {
  const members = membersOf(draft.action).map((member) =>
    member === 'values' ? [member, pairs(draft.values) ?? {}] : [member, draft[member]],
  );
  return {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(draft.when.length === 0 ? {} : { when: draft.when.map(condition) }),
    attribute: draft.attribute.trim(),
    action: draft.action,
    ...Object.fromEntries(members),
  };
}

/** What is sent. */
export function coercionOf({ assume, appliesTo, rules }: CoercionDraft): Coercion {
  return { character_set: assume === '' ? null : { assume, applies_to: appliesTo }, rules: rules.map(ruleOf) };
}

/** The first field that cannot be sent so: the place of its rule, and its name. */
export function firstWrong(rules: readonly RuleDraft[]): string | undefined {
  for (const [place, draft] of rules.entries()) {
    const needs = membersOf(draft.action);
    const checks: Readonly<Record<string, boolean>> = {
      attribute: draft.attribute.trim() !== '',
      value: !needs.includes('value') || draft.value !== '',
      pattern: !needs.includes('pattern') || draft.pattern !== '',
      values: !needs.includes('values') || pairs(draft.values) !== undefined,
    };
    const wrong = Object.keys(checks).find((field) => checks[field] === false);
    if (wrong !== undefined) {
      return `${place}.${wrong}`;
    }
    const nameless = draft.when.findIndex(({ attribute }) => attribute.trim() === '');
    if (nameless !== -1) {
      return `${place}.when.${nameless}`;
    }
  }
  return undefined;
}

/** A change that a preview shows, and in how many instances it is the same. */
export interface Change {
  readonly rule: number | null;
  readonly attribute: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly instances: number;
}

/** The changes of a preview, each once. */
export function changesOf({ instances }: Preview): readonly Change[] {
  const found = new Map<string, Change>();
  for (const { rule: by, attribute, before, after } of instances.flatMap(({ changes }) => changes)) {
    const change = { rule: by ?? null, attribute, before: before ?? null, after: after ?? null };
    const key = JSON.stringify(change);
    found.set(key, { ...change, instances: (found.get(key)?.instances ?? 0) + 1 });
  }
  return [...found.values()];
}
