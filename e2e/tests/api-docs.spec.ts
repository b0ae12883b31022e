import { expect, test } from './gantry-test.ts';

// `quietConsole` fails these tests if the page is refused anything by its own policy, or warns of an invalid reference.

const VENDOR = /ask ai|generate (sdk|mcp)|deploy|share|developer tools/i;

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 390],
] as const) {
  test(`the reference of the API is shown, ${colorScheme}, ${width} pixels wide`, async ({
    page,
    product,
  }) => {
    const elsewhere: string[] = [];
    const warnings: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(product.url) && !/^(data|blob):/.test(url)) elsewhere.push(url);
    });
    page.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text());
    });
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 860 });

    const response = await page.goto('/api/docs');
    expect(response?.headers()['content-security-policy']).not.toContain('unsafe');
    await expect(page.getByRole('heading', { name: 'Gantry', exact: true })).toBeVisible();
    const operation = page.getByRole('heading', {
      name: 'A job, its place in the queue and the estimated wait',
    });
    await operation.scrollIntoViewIfNeeded();
    await expect(operation).toBeVisible();
    await expect(page.getByText('/api/queue/status/').first()).toBeVisible();

    await expect(page.getByText(VENDOR)).toHaveCount(0);
    expect([elsewhere, warnings]).toEqual([[], []]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const isLight = (Number(/\d+/.exec(background)?.[0]) || 0) > 127;
    expect(isLight).toBe(colorScheme === 'light');
  });
}
test('a request can be tried from the reference', async ({ page }) => {
  await page.goto('/api/docs/#tag/queue');
  await page.getByRole('button', { name: /Test Request.*\/api\/queue\/info/ }).click();
  await page.getByRole('button', { name: /^Send/ }).first().click();
  await expect(page.getByText('TOKEN_INVALID')).toBeVisible();
});
