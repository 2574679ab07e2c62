import { expect, it } from 'vitest';
import { shortAgent } from './agent';

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it('a browser is called by its name and its system', () => {
  for (const [agent, name] of [
    [`${windows} ${webKit} Chrome/156.0.0.0 Safari/537.36`, 'Chrome · Windows'],
    [`${windows} ${webKit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, 'Edge · Windows'],
    [`${windows} ${webKit} coc_coc_browser/120.0.0 Chrome/114.0.0.0 Safari/537.36`, 'Cốc Cốc · Windows'],
    [`${windows} Gecko/20100101 Firefox/150.0`.replace(')', '; rv:150.0)'), 'Firefox · Windows'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/156.0.0.0 Safari/537.36`, 'Chrome · Linux'],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${webKit} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet · Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari · iOS',
    ],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['', ''],
  ] as const) {
    expect(shortAgent(agent), agent).toBe(name);
  }
});
