import { cpus, totalmem } from 'node:os';

/** The middle of several rounds. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The middle, and between what the rounds lay. */
export function withSpread(values: number[], unit: string): string {
  const show = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2));
  if (values.every(Number.isNaN)) return '';
  if (values.length < 2) return `${show(median(values))}${unit}`;
  return `${show(median(values))}${unit} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

/** A table in Markdown, with the machine that it is of. */
export function toMarkdown(title: string, header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', line(header), line(header.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** Where and when it was measured. */
export function describeMachine(postgresVersion: string): string {
  const [cpu] = cpus();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB memory`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgresVersion}, fsync and synchronous_commit on`,
    `shared by server, producer and worker`,
    new Date().toISOString().slice(0, 10),
  ].join(', ');
}
