/** Asking for what the full viewer will ask for. */
import { earlyAnswers } from '../server/early';

/** Asks now. */
export function askEarly(url: string, headers: Readonly<Record<string, string>>): void {
  const answer = fetch(url, { headers, credentials: 'same-origin' });
  // Who takes it hears of a failure; nobody may.
  answer.catch(() => undefined);
  earlyAnswers.set(url, answer);
}

/** A copy of an answer that another will take. */
export function earlyCopy(url: string): Promise<Response> | undefined {
  return earlyAnswers.get(url)?.then((response) => response.clone());
}
