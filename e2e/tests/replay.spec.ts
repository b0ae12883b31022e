import { expectNoViolation } from './expect-no-violation.ts';
import { test as base, chooseFile, expect } from './gantry-test.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';
import { type Product, startProduct } from './start-product.ts';

const test = base.extend<object, { product: Product }>({
  product: [
    // Playwright reads from the pattern which fixtures are wanted.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using product = await startProduct({ TRACE: 'always' });
      await use(product);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test('somebody plays a run back and looks at one of its rows', async ({ page, signIn }, info) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'fcr_numbers.csv', SIX_CONTAINERS);
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('Your results are ready.')).toBeVisible();
  await page.getByRole('tab', { name: 'Replay' }).click();

  const player = page.getByRole('region', { name: 'Player' });
  const position = player.getByRole('slider', { name: 'Position' });
  const caption = player.getByRole('status');
  const picture = player.getByRole('img');

  await test.step('a row is found in the list, and what the browser showed then', async () => {
    const marks = page.getByRole('region', { name: 'Steps and rows' });
    await expect(picture).toHaveJSProperty('complete', true);
    const before = await picture.getAttribute('src');
    await marks.getByRole('button', { name: /Line 8/ }).click();
    await expect(caption).toContainText(/^Line 8/);
    await expect(marks.getByRole('button', { name: /Line 8/ })).toHaveAttribute('aria-current', 'step');
    await expect(picture).not.toHaveAttribute('src', before ?? '');
    await expect(picture).toHaveAttribute('alt', /^What the browser showed: Line 8/);
    await expect
      .poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth))
      .toBeGreaterThan(300);
    await page.getByRole('button', { name: 'Problems' }).click();
    await expect(marks.getByRole('listitem')).toHaveCount(2);
    await page.getByRole('button', { name: 'All', exact: true }).click();
  });

  await test.step('all of it goes by keyboard', async () => {
    await position.focus();
    await page.keyboard.press('Home');
    await expect(position).toHaveAttribute('aria-valuetext', /^0:00\.0 of /);
    await page.keyboard.press('ArrowRight');
    await expect(position).toHaveAttribute('aria-valuetext', /^0:01\.0 of /);
    await page.keyboard.press('Home');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('Tab');
    await expect(player.getByRole('button', { name: 'Next mark' })).toBeFocused();
    await page.keyboard.press('Enter');
    const first = await position.inputValue();
    expect(Number(first)).toBeGreaterThan(0);
    await page.keyboard.press('Enter');
    expect(Number(await position.inputValue())).toBeGreaterThanOrEqual(Number(first));
    await position.focus();
    await page.keyboard.press('Space');
    await expect(player.getByRole('button', { name: 'Pause' })).toBeVisible();
    await player.getByRole('button', { name: '8×' }).click();
    await expect(player.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    await expect(position).toHaveAttribute('aria-valuetext', /^(\S+) of \1, /);
  });

  await test.step('it has no barrier, and fits on a phone', async () => {
    await page
      .getByRole('region', { name: 'Steps and rows' })
      .getByRole('button', { name: /Line 5/ })
      .click();
    await expectNoViolation(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1280, height: 860 });
      await page.screenshot({ path: info.outputPath(`replay-${colorScheme}.png`), fullPage: true });
      await page.setViewportSize({ width: 360, height: 780 });
      await page.screenshot({ path: info.outputPath(`replay-phone-${colorScheme}.png`), fullPage: true });
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
