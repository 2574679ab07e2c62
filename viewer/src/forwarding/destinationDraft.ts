/** A destination's settings as a form has them. */
import { firstWrong as firstWrongRule, type RuleDraft, ruleDraft, ruleOf } from '../coercion/draft';
import type { Destination, Settings } from '../server/forwarding';
import { type HoursDraft, hoursDraft, hoursText, isHours } from './hours';

export const kinds = ['peer', 'web'] as const;

export interface DestinationDraft {
  readonly name: string;
  readonly active: boolean;
  readonly kind: (typeof kinds)[number];
  readonly peer: string;
  readonly url: string;
  /** Empty where it stays as it is. */
  readonly authorization: string;
  readonly transferSyntax: string;
  readonly parallel: string;
  readonly bytesPerSecond: string;
  readonly hours: HoursDraft;
  /** Whether what a machine took counts only once it vouches for it. */
  readonly commit: boolean;
  /** What is changed in the copies that go there. */
  readonly coercion: readonly RuleDraft[];
}

/** What a form begins with: a destination that is known, or a new one. */
export function destinationDraft(destination: Destination | undefined, now: Date): DestinationDraft {
  const target = destination?.target;
  const web = target !== undefined && 'web' in target ? target.web : undefined;
  return {
    name: destination?.name ?? '',
    active: destination?.active ?? true,
    kind: web === undefined ? 'peer' : 'web',
    peer: target !== undefined && 'peer' in target ? target.peer : '',
    url: web?.url ?? '',
    authorization: '',
    transferSyntax: web?.transfer_syntax ?? '',
    parallel: String(destination?.parallel ?? 2),
    bytesPerSecond: destination?.bytes_per_second?.toString() ?? '',
    hours: hoursDraft(destination?.hours, now),
    commit: destination?.commit ?? false,
    coercion: (destination?.coercion ?? []).map(ruleDraft),
  };
}

/** What is told of a destination and not set for it. */
const told = ['name', 'has_authorization', 'failures', 'trouble', 'next_ms', 'waiting', 'unproven', 'sent', 'failed'];

/** What is set for a destination, as it came. */
export function keptSettings(destination: Destination | undefined): Settings {
  return Object.fromEntries(Object.entries(destination ?? {}).filter(([member]) => !told.includes(member)));
}

/** What is sent. Settings that no field here shows stay as they are. */
export function destinationSettings(draft: DestinationDraft, destination: Destination | undefined): Settings {
  const known = destination?.target;
  const keptWeb = known !== undefined && 'web' in known ? known.web : {};
  const secret = draft.authorization.trim();
  const web = {
    ...keptWeb,
    url: draft.url.trim(),
    transfer_syntax: draft.transferSyntax === '' ? null : draft.transferSyntax,
    ...(secret === '' ? {} : { authorization: secret }),
  };
  return {
    ...keptSettings(destination),
    target: draft.kind === 'peer' ? { peer: draft.peer } : { web },
    active: draft.active,
    parallel: Number(draft.parallel),
    bytes_per_second: draft.bytesPerSecond.trim() === '' ? null : Number(draft.bytesPerSecond),
    hours: hoursText(draft.hours),
    commit: draft.kind === 'peer' && draft.commit,
    coercion: draft.coercion.map(ruleOf),
  };
}

const isWhole = (value: string, from: number, to: number) =>
  /^\d+$/.test(value.trim()) && Number(value) >= from && Number(value) <= to;

/** Whether a destination or a rule can be called so. */
export function isName(name: string): boolean {
  const trimmed = name.trim();
  const length = new TextEncoder().encode(trimmed).length;
  return length >= 1 && length <= 64 && !/[\p{Cc}/\\]/u.test(trimmed) && trimmed !== '.' && trimmed !== '..';
}

function isStudies(url: string): boolean {
  try {
    const { protocol, username, password } = new URL(url);
    return /^https?:$/.test(protocol) && username === '' && password === '';
  } catch {
    return false;
  }
}

/** The first field that cannot be sent so. */
export function firstWrong(draft: DestinationDraft): string | undefined {
  const checks: Readonly<Record<string, boolean>> = {
    name: isName(draft.name),
    peer: draft.kind !== 'peer' || draft.peer !== '',
    url: draft.kind !== 'web' || isStudies(draft.url.trim()),
    parallel: isWhole(draft.parallel, 1, 16),
    bytesPerSecond: draft.bytesPerSecond.trim() === '' || isWhole(draft.bytesPerSecond, 1024, 0xff_ff_ff_ff),
    hours: isHours(draft.hours),
  };
  const rule = firstWrongRule(draft.coercion);
  return Object.keys(checks).find((field) => checks[field] === false) ?? (rule && `coercion.${rule}`);
}
