import { randomUUID } from 'node:crypto';

import { chooseFile, expect, test } from './gantry-test.ts';
import { signUpTo } from './sign-in.ts';

test.beforeEach(async ({ page, product }) => {
  await signUpTo(page.context(), product, `${randomUUID()}@example.com`);
  await page.goto('/services/ctg-port-tracking');
});

const WRONG_FILES = [
  {
    what: 'a picture',
    name: 'list.csv',
    content: Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
    code: 'FILE_TYPE_UNSUPPORTED',
  },
  { what: 'an empty file', name: 'empty.csv', content: '', code: 'FILE_EMPTY' },
  { what: 'a header alone', name: 'header.csv', content: 'Container No\n', code: 'NO_ROWS' },
  {
    what: 'a list of something else',
    name: 'people.csv',
    content: 'Name,Town\nAda,London\n',
    code: 'COLUMN_NOT_FOUND',
  },
  {
    what: 'a list without one right number',
    name: 'wrong.csv',
    content: 'Container No\nCRSU1274360\n',
    code: 'NO_VALID_ROWS',
  },
] as const;

for (const { what, name, content, code } of WRONG_FILES) {
  test(`${what} is refused before anything is sent`, async ({ page }) => {
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/api/queue/')) sent.push(request.url());
    });
    await chooseFile(page, name, content);
    await expect(page.getByRole('alert')).toContainText(code);
    await expect(page.getByRole('button', { name: 'Start the job' })).toBeDisabled();
    await page.getByRole('button', { name: 'Another file' }).click();
    await expect(page.getByText('Drop your spreadsheet here')).toBeVisible();
    expect(sent).toEqual([]);
  });
}

for (const { what, answer, says } of [
  {
    what: 'refused',
    answer: { status: 429, json: { error: { code: 'RATE_LIMITED', message: 'Too many.', requestId: 'r' } } },
    says: 'RATE_LIMITED',
  },
  { what: 'never answered', answer: null, says: 'NETWORK_ERROR' },
]) {
  test(`a start that is ${what} says so where the button is, and keeps what was entered`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.route('**/api/queue/submit', (route) =>
      answer ? route.fulfill(answer) : route.abort('connectionrefused'),
    );
    await chooseFile(page, 'kept.csv', 'Container No\nCRSU1274363\n');
    await page.getByLabel('Tags').fill('kept');
    await page.getByRole('button', { name: 'Start the job' }).click();
    const alert = page.getByRole('region', { name: 'Start the job' }).getByRole('alert');
    await expect(alert).toContainText(says);
    await expect(alert).toBeInViewport({ ratio: 1 });
    await expect(page.locator(':focus')).toContainText(says);
    await expect(page.getByText('kept.csv')).toBeVisible();
    await expect(page.getByLabel('Tags')).toHaveValue('kept');
    await page.unroute('**/api/queue/submit');
    await page.getByRole('button', { name: 'Start the job' }).click();
    await expect(page).toHaveURL(/\/jobs\/.+/);
  });
}

test('the bar that starts the job covers no field that has the focus', async ({ page }) => {
  await expect(page.getByRole('heading', { name: 'CTG Port Authority Tracking' })).toBeVisible();
  for (const size of [
    { width: 1440, height: 900 },
    { width: 390, height: 700 },
  ]) {
    await page.setViewportSize(size);
    await page.goto('/services/page-capture');
    await page.getByLabel('Web addresses').fill('nonsense');
    await expect(page.getByText('“Web addresses”: “nonsense” is not an address.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Start the job' })).toBeDisabled();
    await page.getByLabel('Tags').focus();
    const isOnTop = await page.getByLabel('Tags').evaluate((field) => {
      const { left, top, height } = field.getBoundingClientRect();
      return document.elementFromPoint(left + 5, top + height / 2) === field;
    });
    expect(isOnTop).toBe(true);
  }
});

test('somebody without jobs is shown the way to the first one', async ({ page }) => {
  await page.getByRole('link', { name: 'My jobs' }).click();
  await expect(page.getByText('No jobs yet')).toBeVisible();
  await page.getByRole('link', { name: 'Start the first one' }).click();
  await expect(page.getByRole('heading', { name: 'What should run?' })).toBeVisible();
});

test('a dropped file is read like a chosen one', async ({ page }) => {
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['Container No\nCRSU1274363\nCRSU1274360\n'], 'dropped.csv'));
    return transfer;
  });
  const zone = page.getByText('Drop your spreadsheet here');
  await zone.dispatchEvent('dragenter', { dataTransfer: dropped });
  await zone.or(page.getByText('Let go to read the file')).dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByText('2 rows found, 1 is ready')).toBeVisible();
});
