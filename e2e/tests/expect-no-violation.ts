import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect } from './gantry-test.ts';

/** The rules whose answer depends on the theme; all others are asked once. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Looks for barriers on a page, in both themes. */
export async function expectNoViolation(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Halfway from one theme to the other, text of the one stands on ground of the other.
    await page.waitForFunction(
      (scheme) =>
        matchMedia(`(prefers-color-scheme: ${scheme})`).matches &&
        document.getAnimations().every(({ playState }) => playState !== 'running'),
      colorScheme,
    );
    const builder = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
    if (colorScheme === 'light') builder.withTags(WCAG_22_AA);
    else builder.withRules(COLOUR_RULES);
    const { violations } = await builder
      // Without a second page that joins the findings of frames of other origins: there are none.
      .setLegacyMode()
      // They only pass the focus on when it leaves a menu; axe sees them as places where it could stay.
      .exclude('[data-base-ui-focus-guard]')
      .analyze();
    const found = violations.map(({ id, nodes }) => ({
      id,
      colorScheme,
      at: nodes.map((node) => `${node.html}: ${node.failureSummary ?? ''}`),
    }));
    expect(found).toEqual([]);
  }
}
