import { checkDigit } from '@gantry/sheet';

import { answerFor } from '../src/demo-port/answers.ts';

const OWNERS = ['GTRU', 'GTRJ', 'GTRZ', 'GTXU'];
const SHIPPERS = ['Meghna Textiles', 'Padma Garments, Ltd.', 'Karnaphuli Yarn', 'Surma Foods'];

/** What a forwarder's export looks like: a byte order mark, quoted cells, a blank line, and people's spellings. */
export function smallList(): string {
  const known = numbers(18, true);
  const [lost = ''] = numbers(1, false);
  const [first = '', second = '', third = '', fourth = '', ...others] = known;
  const rows = [
    first,
    second.toLowerCase(),
    `${third.slice(0, 4)} ${third.slice(4, 10)} ${third[10]}`,
    `${fourth.slice(0, 4)}-${fourth.slice(4, 10)}-${fourth[10]}`,
    lost,
    ...others.slice(0, 6),
    first,
    mistype(others[6] ?? ''),
    ...others.slice(7),
  ];
  const lines = rows.map((number, index) => line(index, number));
  lines.splice(10, 0, '');
  return `\uFEFF${['FCR No;Container No.;Shipper', ...lines, ''].join('\r\n')}`;
}

/** A long list as it comes in practice: nearly all right, some unknown to the port, a few wrong or there twice. */
export function longList(): string {
  const known = numbers(270, true);
  const rows = [...known, ...numbers(22, false), ...known.slice(0, 5), ...known.slice(5, 8).map(mistype)];
  // In an order that looks like none, and is the same each time.
  const shuffled = rows
    .map((number, index) => ({ number, place: (index * 7919) % 300 }))
    .sort((a, b) => a.place - b.place);
  const lines = shuffled.map(({ number }, index) => line(index, number, ','));
  return ['FCR No,Container No.,Shipper', ...lines, ''].join('\n');
}

function line(index: number, number: string, delimiter = ';'): string {
  return [`FCR-${2600 + index}`, number, `"${SHIPPERS[index % SHIPPERS.length]}"`].join(delimiter);
}

function mistype(number: string): string {
  return `${number.slice(0, 10)}${(Number(number[10]) + 1) % 10}`;
}

/** So many numbers that the demo port knows, or does not. */
function numbers(count: number, isKnown: boolean): string[] {
  const found: string[] = [];
  for (let serial = 200_001; found.length < count; serial += 37) {
    const number = `${OWNERS[serial % OWNERS.length]}${serial}`;
    const whole = `${number}${checkDigit(`${number}0`)}`;
    if (answerFor(whole).found === isKnown) found.push(whole);
  }
  return found;
}
