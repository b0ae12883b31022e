import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { identify, type ProcessIdentity, type ProcessWorld, readProcessWorld } from './process-table.ts';

/** Whose browser it is: an attempt's. */
export type Owner = { workerId: string; jobId: string; attempt: number };

/** Whose browser a warm browser is: a worker's, until an attempt takes it. */
export type WarmOwner = { workerId: string; isWarm: true };

/** The content of `owner.json`: enough to find out, after a crash, what was ours and whether it still is. */
export type OwnerRecord = (Owner | WarmOwner) &
  ProcessWorld & {
    process: ProcessIdentity;
    browser: ProcessIdentity | null;
  };

const OWNER_FILE = 'owner.json';
const DRAFT = 'gantry_draft_';
const NAME = /^chrome_user_data_\d+_\d+_[A-Za-z0-9]{6}$/;

/** Tells whether a directory could be one of ours, by its name. */
export function isBrowserDirectory(name: string): boolean {
  return NAME.test(name);
}

/** The full Chrome's socket below a browser's directory, and the most bytes that the path of one may have. */
const SOCKET = '/tmp/org.chromium.Chromium.XXXXXX/SingletonSocket';
const MAX_SOCKET_LENGTH = 107;

/** Tells whether the full Chrome can have its socket below this directory. Without it, Chrome ends without a word. */
export function hasRoomForSocket(directory: string): boolean {
  return Buffer.byteLength(directory + SOCKET) <= MAX_SOCKET_LENGTH;
}

/**
 * Makes a browser's own directory. Its path is short, since it contains sockets. It gets its name once it says whose it
 * is: a process that is killed before that leaves a draft, which {@link isDraft} knows.
 */
export async function makeBrowserDirectory(rootDir: string, owner: Owner | WarmOwner): Promise<string> {
  await mkdir(rootDir, { recursive: true });
  const draft = await mkdtemp(join(rootDir, DRAFT));
  await mkdir(join(draft, 'tmp'));
  await writeOwner(draft, { ...owner, process: identify(process.pid), browser: null });
  const name = `chrome_user_data_${process.pid}_${Date.now()}_${draft.slice(-6)}`;
  const directory = join(rootDir, name);
  await rename(draft, directory);
  return directory;
}

/** Tells by its name whether a directory is one that a process of ours began to make, or to remove. */
export function isDraft(name: string): boolean {
  return name.startsWith(DRAFT);
}

/** Writes whose directory it is: when it is made, when the browser's process is known, and when a warm browser is taken. */
export async function writeOwner(
  directory: string,
  record: (Owner | WarmOwner) & Pick<OwnerRecord, 'process' | 'browser'>,
): Promise<void> {
  const draft = join(directory, `${OWNER_FILE}.new`);
  const whole: OwnerRecord = { ...record, ...(await readProcessWorld()) };
  await writeFile(draft, JSON.stringify(whole), { mode: 0o600 });
  await rename(draft, join(directory, OWNER_FILE));
}

/** Reads whose directory it is; null if it does not say, and then it is not ours. */
export async function readOwner(directory: string): Promise<OwnerRecord | null> {
  try {
    const record: OwnerRecord = JSON.parse(await readFile(join(directory, OWNER_FILE), 'utf8'));
    return typeof record.process.pid === 'number' && typeof record.bootId === 'string' ? record : null;
  } catch {
    return null;
  }
}

/** Removes the directory. A process that has just died may still have had a file open, hence the retries. */
export async function removeBrowserDirectory(directory: string): Promise<void> {
  // Whoever is killed in the middle of this shall leave a draft: of a directory that has lost its owner.json before the
  // rest, no sweep could tell whose it was.
  const draft = join(dirname(directory), `${DRAFT}${basename(directory).slice(-6)}`);
  const renamed = await rename(directory, draft).then(
    () => draft,
    () => directory,
  );
  await rm(renamed, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
