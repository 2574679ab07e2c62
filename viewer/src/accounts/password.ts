/** A change of one's password as it is typed, and what is wrong with it. What only the server can tell is left to it. */

export interface PasswordDraft {
  readonly password: string;
  readonly wanted: string;
  readonly again: string;
}

export const emptyDraft: PasswordDraft = { password: '', wanted: '', again: '' };

/** The fewest characters that the server takes. */
export const leastLength = 10;

export interface PasswordFault {
  readonly field: keyof PasswordDraft;
  readonly problem: 'missing' | 'short' | 'same' | 'unlike' | 'wrong' | 'refused';
}

/** What of it cannot be sent so. */
export function passwordFault({ password, wanted, again }: PasswordDraft): PasswordFault | undefined {
  if (password === '') {
    return { field: 'password', problem: 'missing' };
  }
  if ([...wanted].length < leastLength) {
    return { field: 'wanted', problem: 'short' };
  }
  if (wanted === password) {
    return { field: 'wanted', problem: 'same' };
  }
  return wanted === again ? undefined : { field: 'again', problem: 'unlike' };
}

/** What of it the server did not take. */
export function refusedPart(status: number | undefined): PasswordFault | undefined {
  if (status === 401) {
    return { field: 'password', problem: 'wrong' };
  }
  return status === 400 ? { field: 'wanted', problem: 'refused' } : undefined;
}
