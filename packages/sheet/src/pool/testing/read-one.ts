import { SheetPool } from '../index.ts';

// Reads one small file in a pool and prints what came of it.
await using pool = new SheetPool({ threads: 1 });
const spec = {
  required: true,
  formats: ['csv' as const],
  maxBytes: 1_000,
  maxRows: 10,
  keyColumn: 'name',
  columns: [{ key: 'name', label: 'Name', aliases: [], format: 'text' as const, required: true }],
};
const sheet = await pool.check(new TextEncoder().encode('Name\nAda\n'), spec, {
  user: 'u',
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify(sheet.counts)}\n`);
