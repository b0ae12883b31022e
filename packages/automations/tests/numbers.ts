import { checkDigit } from '@gantry/sheet';

import { answerFor } from '../src/demo-port/answers.ts';

/** So many right container numbers that the demo port knows. */
export const knownNumbers = (count: number): string[] => take(count, true);

/** So many right container numbers that the demo port does not know. */
export const unknownNumbers = (count: number): string[] => take(count, false);

function take(count: number, isKnown: boolean): string[] {
  const numbers: string[] = [];
  for (let serial = 100_000; numbers.length < count; serial++) {
    const number = `GTRU${serial}${checkDigit(`GTRU${serial}0`)}`;
    if (answerFor(number).found === isKnown) numbers.push(number);
  }
  return numbers;
}
