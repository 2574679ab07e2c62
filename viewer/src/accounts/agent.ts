/** The browser and the system in what a browser calls itself, which names others as well. Names are those of their makers. */

/** The first that fits is meant: those behind it are named for the sake of old pages. */
const browsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Cốc Cốc', /coc_coc_browser\//],
  ['Edge', /\bEdg(A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Headless)?Chrome\/|\bCriOS\//],
  ['Safari', /\bVersion\/.*\bSafari\//],
];

const systems: typeof browsers = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad|iPod)\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
];

/** In short what it is, else what it calls itself, which may be nothing. */
export function shortAgent(agent: string): string {
  const named = [browsers, systems].map((list) => list.find(([, pattern]) => pattern.test(agent))?.[0]);
  return named[0] === undefined ? agent : named.filter((name) => name !== undefined).join(' · ');
}
