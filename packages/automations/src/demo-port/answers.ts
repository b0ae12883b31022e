import { createHash } from 'node:crypto';

const YARDS = ['NCT', 'CCT', 'GCB-05', 'GCB-11', 'PCT', 'Overflow Yard'];
const DESTINATIONS = ['Dhaka ICD', 'Chattogram', 'Narayanganj', 'Pangaon ICT'];
const KINDS = ['Garments accessories', 'Machinery parts', 'Cotton yarn', 'Chemicals', 'Foodstuff'];

/** What the demo port knows of a container: always the same for the same number, as if it were a real one. */
export type Answer = { found: false } | { found: true; rows: [label: string, value: string][] };

/** Looks a container up. About one number in twelve is unknown. */
export function answerFor(container: string): Answer {
  const bytes = createHash('sha256').update(container).digest();
  const pick = (index: number, among: readonly string[]): string =>
    among[(bytes[index] ?? 0) % among.length] ?? '';
  if ((bytes[0] ?? 0) % 12 === 0) return { found: false };
  const yard = pick(1, YARDS);
  const block = `${String.fromCodePoint(65 + ((bytes[2] ?? 0) % 8))}-${((bytes[3] ?? 0) % 40) + 1}`;
  const timeIn = new Date(
    Date.UTC(2026, 0, 1) + (bytes.readUInt16BE(4) % 300) * 86_400_000 + (bytes[6] ?? 0) * 60_000,
  );
  const hasLeft = (bytes[7] ?? 0) % 3 === 0;
  const timeOut = new Date(timeIn.getTime() + (((bytes[8] ?? 0) % 20) + 1) * 86_400_000);
  const show = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');
  return {
    found: true,
    rows: [
      ['Container No', container],
      ['Size', pick(9, ['20', '40', '45'])],
      ['Height', pick(10, ['8.6', '9.6'])],
      ['Position / Location', hasLeft ? 'Delivered' : `${yard} ${block}`],
      ['Yard', yard],
      ['Block', block],
      ['Time In', show(timeIn)],
      // The site leaves a hard space where it has nothing.
      ['Time Out', hasLeft ? show(timeOut) : '&nbsp;'],
      ['Destination', pick(11, DESTINATIONS)],
      ['Off-dock Name', '&nbsp;'],
      ['Freight Kind', pick(12, ['FCL', 'LCL', 'MTY'])],
      ['Description', pick(13, KINDS)],
    ],
  };
}
