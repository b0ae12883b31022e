import { median } from './statistics.ts';

/** The middle, and between what the rounds lay. Empty where nothing was measured. */
export function withSpread(values: number[], unit: string): string {
  const show = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2));
  if (values.every(Number.isNaN)) return '';
  if (values.length < 2) return `${show(median(values))}${unit}`;
  return `${show(median(values))}${unit} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

/** A table in Markdown under a heading. */
export function toMarkdown(title: string, header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', line(header), line(header.map(() => '---')), ...rows.map(line), ''].join('\n');
}
