import type { CDPSession, Protocol } from 'puppeteer-core';

import { isSecretName } from '../redact/secret-names.ts';
import { cutText } from './cut-text.ts';

const MAX_LINES = 1_000;
const MAX_LINE_LENGTH = 2_000;
const MAX_HELD = 100;
/** What puppeteer calls the code that an automation runs in a page: it names a file of ours. */
const OWN_CODE = /pptr:[^\s)]*/g;

/** A line of a page's console. Times in milliseconds since 1970. */
export type ConsoleLine = { at: number; page: number; level: string; text: string };

/** Remembers the last lines that the pages of a run wrote to their consoles. */
export class ConsoleLog {
  #lines: ConsoleLine[] = [];
  #leftOut = 0;
  readonly #onLine: (line: ConsoleLine) => void;

  /** @param onLine called with each line */
  constructor(onLine: (line: ConsoleLine) => void = () => {}) {
    this.#onLine = onLine;
  }

  /** Listens to a page: what its code says, what it throws, and what the browser has to say of it. */
  listen(session: CDPSession, page: number): Promise<unknown>[] {
    let held = 0;
    // A reference to an object keeps it alive in the page until it is released.
    const letGo = (objects: (Protocol.Runtime.RemoteObject | undefined)[]) => {
      held += objects.filter((object) => object?.objectId !== undefined).length;
      if (held < MAX_HELD) return;
      held = 0;
      session.send('Runtime.releaseObjectGroup', { objectGroup: 'console' }).catch(() => {});
    };
    session.on('Runtime.consoleAPICalled', ({ type, args, timestamp, stackTrace }) => {
      letGo(args);
      const text = args.map((arg, index) => showAfter(args[index - 1], arg)).join(' ');
      this.#add({ at: timestamp, page, level: type, text: `${text}${whence(stackTrace)}` });
    });
    session.on(
      'Runtime.exceptionThrown',
      ({ timestamp, exceptionDetails: { text, exception, stackTrace } }) => {
        letGo([exception]);
        const what = exception?.description ?? (exception ? show(exception) : '');
        this.#add({
          at: timestamp,
          page,
          level: 'error',
          text: `${text} ${what}${exception?.description ? '' : whence(stackTrace)}`,
        });
      },
    );
    session.on('Log.entryAdded', ({ entry: { level, text, timestamp, url } }) => {
      this.#add({ at: timestamp, page, level, text: url ? `${text} (${url})` : text });
    });
    return [session.send('Runtime.enable'), session.send('Log.enable')];
  }

  /** All lines that are kept, as text, oldest first. */
  toLines(): string[] {
    const lines = this.#lines.map(({ at, page, level, text }) => {
      const time = new Date(at).toISOString();
      return `${time} page ${page} ${level}: ${text}`;
    });
    if (this.#leftOut > 0) lines.unshift(`${this.#leftOut} earlier lines are not kept.`);
    return lines;
  }

  #add(line: ConsoleLine): void {
    const kept = { ...line, text: cutText(line.text, MAX_LINE_LENGTH).replaceAll(OWN_CODE, 'automation') };
    this.#lines.push(kept);
    this.#onLine(kept);
    // In one go now and then: to move a thousand lines for each new one is work that a noisy page would make us do.
    if (this.#lines.length < 2 * MAX_LINES) return;
    this.#leftOut += this.#lines.length - MAX_LINES;
    this.#lines = this.#lines.slice(-MAX_LINES);
  }
}

/** What is said after the name of a secret, as its value: so the redactor will know it. */
function showAfter(
  before: Protocol.Runtime.RemoteObject | undefined,
  arg: Protocol.Runtime.RemoteObject,
): string {
  const name = before?.type === 'string' ? String(before.value) : '';
  if (arg.type !== 'string' || !isSecretName(name)) return show(arg);
  return `${/[:=]\s*$/.test(name) ? '' : '= '}${JSON.stringify(show(arg))}`;
}

function show({
  type,
  value,
  description,
  preview,
  unserializableValue,
}: Protocol.Runtime.RemoteObject): string {
  if (type === 'string') return cutText(String(value), MAX_LINE_LENGTH);
  if (value !== undefined) return JSON.stringify(value);
  if (!preview || preview.properties.length === 0) return unserializableValue ?? description ?? type;
  const inner = preview.properties.map(({ name, type: kind, value: shown }) => {
    // In quotes, so that one sees where it ends; of a word that was cut no half, which might be that of a secret.
    const text = kind === 'string' ? JSON.stringify(shown?.replace(/\S*…\S*/, '…')) : (shown ?? kind);
    return `${name}: ${text}`;
  });
  return `${preview.description ?? ''} {${inner.join(', ')}${preview.overflow ? ', …' : ''}}`;
}

function whence(stack: Protocol.Runtime.StackTrace | undefined): string {
  const [frame] = stack?.callFrames ?? [];
  return frame?.url ? ` (${frame.url}:${frame.lineNumber + 1})` : '';
}
