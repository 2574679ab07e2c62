/** What axe-core finds wrong with a page. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './fixtures';

/** What is seriously or critically wrong with the page as it is now, each with where it is. */
export async function faults(page: Page, screen: string): Promise<string[]> {
  // What fades in is looked at once it is there.
  await expect
    .poll(() => page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length))
    .toBe(0);
  // The kit leaves there what it told of fields that are gone.
  const { violations } = await new AxeBuilder({ page }).exclude('[data-live-announcer]').analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, html, any }) =>
          `${screen}: ${id} at ${target.join(' ')}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`,
      ),
    );
}
