import { EmbeddedError } from '../errors.ts';

/** An error with the program's own words for why it gave up, without its time stamps. */
export function postgresFailure(what: string, lines: string[]): EmbeddedError {
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|error:|cannot|could not|denied/.test(line));
  const reason = telling.at(-1) ?? lines.at(-1) ?? 'it said nothing';
  return new EmbeddedError(
    'POSTGRES_FAILED',
    `${what}: ${reason.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '')}`,
  );
}
