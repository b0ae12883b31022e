import { expect, test } from 'vitest';

import { openSession } from './fixture.ts';

/** Two letters of each script. Without a font for it, both are the same box. */
const LETTERS: [script: string, one: string, other: string][] = [
  ['Bengali', 'ক', 'খ'],
  ['Devanagari', 'क', 'ख'],
  ['Gujarati', 'ક', 'ખ'],
  ['Gurmukhi', 'ਕ', 'ਖ'],
  ['Oriya', 'କ', 'ଖ'],
  ['Tamil', 'க', 'ஙா'],
  ['Telugu', 'క', 'ఖ'],
  ['Kannada', 'ಕ', 'ಖ'],
  ['Malayalam', 'ക', 'ഖ'],
  ['Sinhala', 'ක', 'ඛ'],
  ['Thai', 'ก', 'ข'],
  ['Lao', 'ກ', 'ຂ'],
  ['Khmer', 'ក', 'ខ'],
  ['Burmese', 'က', 'ခ'],
  ['Arabic', 'ب', 'ع'],
  ['Hebrew', 'ב', 'ש'],
  ['Armenian', 'Ա', 'Ջ'],
  ['Georgian', 'ა', 'ჯ'],
  ['Ethiopic', 'ሀ', 'ለ'],
  ['simplified Chinese', '箱', '装'],
  ['traditional Chinese', '貨', '櫃'],
  ['Japanese', 'コ', 'ナ'],
  ['Korean', '한', '국'],
  ['emoji', '🚢', '📦'],
  ['signs', '৳', '⛴'],
];

test('each script is drawn in letters, and not in boxes', async () => {
  await using session = await openSession();
  const rows = LETTERS.flatMap(([, one, other]) => [one, other]).map((text) => `<p>${text}</p>`);
  await session.page.setContent(
    `<style>p { font: 40px sans-serif; height: 80px; margin: 0 }</style>${rows.join('')}`,
  );
  const pictures: string[] = [];
  for (const p of await session.page.$$('p')) pictures.push(await p.screenshot({ encoding: 'base64' }));
  const boxes = LETTERS.filter((_, at) => pictures[2 * at] === pictures[2 * at + 1]);
  expect(boxes.map(([script]) => script)).toEqual([]);

  // To a script without a font a PDF has none either.
  const pdf = Buffer.from(await session.page.pdf()).toString('latin1');
  const fonts = new Set(Array.from(pdf.matchAll(/\/FontName \/[A-Z]+\+(\S+)/g), ([, name]) => name));
  expect(fonts.size).toBeGreaterThan(15);
});

test('Latin text is set in a font of its own, as it was meant', async () => {
  await using session = await openSession();
  const widthOf = async (text: string, family: string) => {
    await session.page.setContent(`<span style="font: 40px ${family}">${text}</span>`);
    return session.page.$eval('span', (span) => span.getBoundingClientRect().width);
  };
  for (const family of ['sans-serif', 'serif', 'Arial'])
    expect(await widthOf('WWWW', family), family).toBeGreaterThan((await widthOf('iiii', family)) * 1.5);
  expect(await widthOf('WWWW', 'monospace')).toBe(await widthOf('iiii', 'monospace'));
});
