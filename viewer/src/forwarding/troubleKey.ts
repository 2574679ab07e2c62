/** What the server says is in the way, as a text of ours where it is one of the usual troubles. */

/** What a group of a pattern finds is told in its turn, within the text. */
const usual: readonly (readonly [RegExp, string])[] = [
  [/^cannot connect/, 'forwarding.trouble.connect'],
  [/^the request broke off/, 'forwarding.trouble.brokeOff'],
  [/^the service answers 40[13]\b/, 'forwarding.trouble.notAllowed'],
  [/^the service answers 404\b/, 'forwarding.trouble.notFound'],
  [/^the service answers/, 'forwarding.trouble.error'],
  [/^there is no peer/, 'forwarding.trouble.noPeer'],
  [/has no address or no port$/, 'forwarding.trouble.noAddress'],
  [/does not take its SOP Class$/, 'forwarding.trouble.kind'],
  [/^the peer takes no transfer syntax/, 'forwarding.trouble.transferSyntax'],
  [/^it has taken the instance, but: (.+)$/, 'forwarding.trouble.notAsked'],
  [/does not vouch for it: failure reason ([0-9A-F]{4})$/, 'forwarding.trouble.refusedFor'],
  [/does not vouch for it$/, 'forwarding.trouble.refused'],
  [/does not say whether it vouches for it$/, 'forwarding.trouble.silent'],
];

/** The key of the text, if there is one, and what is told within it. */
export function troubleKey(words: string): { readonly key: string; readonly why: string | undefined } | undefined {
  for (const [pattern, key] of usual) {
    const found = pattern.exec(words);
    if (found) {
      return { key, why: found[1] };
    }
  }
  return undefined;
}
