/** Why the server does not take a rule, as a text of ours. */

const reasons: readonly (readonly [RegExp, string])[] = [
  [/is no attribute of the standard$/, 'coercion.refused.unknown'],
  [/cannot be coerced: /, 'coercion.refused.notCoercible'],
  [/is no text that a condition can be about$/, 'coercion.refused.notComparable'],
  [/ have one \* each at most/, 'coercion.refused.wildCards'],
  [/cannot have this value: /, 'coercion.refused.value'],
  [/^rules have at most /, 'coercion.refused.tooMany'],
];

/** The key of the text, if there is one. */
export function refusalKey(words: string): string | undefined {
  return reasons.find(([pattern]) => pattern.test(words))?.[1];
}
