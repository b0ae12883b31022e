/**
 * What a forwarder exports: a BOM, a quoted cell, a blank line, several spellings. One number that the
 * port does not know, one with a wrong check digit, one that comes twice.
 */
export const SIX_CONTAINERS = `\uFEFF${[
  'FCR No,Cntr No.,Consignee',
  'FCR-1,CRSU1274363,"Rahman, Sons & Co."',
  'FCR-2,MSKU1353559,Meghna Textiles',
  '',
  'FCR-3,TCLU1432748,Meghna Textiles',
  'FCR-4,HLXU1511939,Padma Trading',
  'FCR-5,CRSU 159112-0,Padma Trading',
  'FCR-6,crsu1274363,Padma Trading',
].join('\r\n')}\r\n`;

/** Three right numbers that the demo port does not know. */
export const UNKNOWN_CONTAINERS = 'Container\nMSKU1353559\nMSKU1012589\nMSKU1012953\n';

/** A list that takes a while: `count` right numbers. */
export function manyContainers(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => withCheckDigit(`GTRU${200_000 + index * 37}`));
  return `Container\n${rows.join('\n')}\n`;
}

/** Completes a container number by ISO 6346: letters count from 10 and skip the multiples of 11. */
function withCheckDigit(number: string): string {
  const values = new Map<string, number>();
  let value = 10;
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    if (value % 11 === 0) value += 1;
    values.set(letter, value);
    value += 1;
  }
  const sum = number
    .split('')
    .reduce((total, sign, position) => total + (values.get(sign) ?? Number(sign)) * 2 ** position, 0);
  return `${number}${(sum % 11) % 10}`;
}
