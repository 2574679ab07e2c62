/** A new token as a form has it: texts and words. */
import type { TokenSettings } from '../server/signIns';

export const reaches = ['all', 'some'] as const;

export interface TokenDraft {
  readonly label: string;
  /** Whether it is for all that the account may do, or only for `acts`. */
  readonly reach: (typeof reaches)[number];
  readonly acts: readonly string[];
  /** After how many days it is refused; empty is never. */
  readonly days: string;
}

/** Nobody has to look for a token that was forgotten longer than this. */
export const newToken: TokenDraft = { label: '', reach: 'all', acts: [], days: '90' };

const mostLabelBytes = 64;
const mostDays = 3650;

/** What is sent. */
export function tokenSettings({ label, reach, acts, days }: TokenDraft): TokenSettings {
  return {
    label: label.trim(),
    acts: reach === 'all' ? null : acts,
    days: days.trim() === '' ? null : Number(days),
  };
}

/** The first field that cannot be sent so. */
export function firstWrong(draft: TokenDraft): 'label' | 'acts' | 'days' | undefined {
  const { label, acts, days } = tokenSettings(draft);
  if (label === '' || new TextEncoder().encode(label).length > mostLabelBytes) {
    return 'label';
  }
  if (acts?.length === 0) {
    return 'acts';
  }
  return days === null || (Number.isInteger(days) && days >= 1 && days <= mostDays) ? undefined : 'days';
}
