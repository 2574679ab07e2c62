/** What the server says is in the way, as a text of ours where it is one of the usual troubles. */

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
];

/** The key of the text, if there is one. */
export function troubleKey(words: string): string | undefined {
  return usual.find(([pattern]) => pattern.test(words))?.[1];
}
