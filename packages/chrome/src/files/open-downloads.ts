import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openRootSession } from '../cdp/open-root-session.ts';
import { ChromeError } from '../chrome-error.ts';
import type { ChromeSession } from '../session/chrome-session.ts';
import { type ReceivedFile, receiveFile } from './receive-file.ts';

/** How much may be downloaded, all in all. */
export type DownloadLimits = { maxFiles: number; maxBytes: number };

/** Receives downloads. A download that the automation does not wait for is refused. */
export type Downloads = {
  /**
   * Does something that makes a page download a file, and waits until the file is there. One at a time: a second call
   * begins when the first has ended.
   *
   * @param act for example a click
   * @throws {ChromeError} DOWNLOAD_TOO_MANY, DOWNLOAD_TOO_LARGE, DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT
   * @throws what `act` threw, if nothing was downloaded, or the signal's reason
   */
  receive(act: () => Promise<unknown>, o: { timeoutMs: number; signal: AbortSignal }): Promise<ReceivedFile>;
};

/**
 * Lets the pages of a browser download files within these limits, into a directory of their own inside the browser's.
 * On disk they are called by numbers, whatever the site calls them.
 */
export async function openDownloads(
  session: Pick<ChromeSession, 'browser' | 'directory'>,
  limits: DownloadLimits,
): Promise<Downloads> {
  const connection = await openRootSession(session.browser);
  const directory = join(session.directory, 'downloads');
  await mkdir(directory, { recursive: true });
  const kept = new Map<string, ReceivedFile>();
  let turn: Promise<unknown> = Promise.resolve();
  let isWaiting = false;
  // What was let in beside a file that was waited for may come to its end when that is over.
  connection.on('Browser.downloadProgress', ({ guid, state }) => {
    const path = join(directory, guid);
    if (state === 'completed' && !isWaiting && !kept.has(path))
      void rm(path, { force: true }).catch(() => {});
  });

  const receiveNext: Downloads['receive'] = async (act, o) => {
    o.signal.throwIfAborted();
    if (kept.size >= limits.maxFiles)
      throw new ChromeError(
        'DOWNLOAD_TOO_MANY',
        `No more than ${limits.maxFiles} files may be downloaded by one job. Split it into smaller jobs.`,
      );
    const spent = [...kept.values()].reduce((sum, { size }) => sum + size, 0);
    isWaiting = true;
    try {
      await connection.send('Browser.setDownloadBehavior', {
        behavior: 'allowAndName',
        downloadPath: directory,
        eventsEnabled: true,
      });
      const file = await receiveFile(connection, act, { ...o, directory, maxBytes: limits.maxBytes - spent });
      kept.set(file.path, file);
      return file;
    } finally {
      isWaiting = false;
      await connection
        .send('Browser.setDownloadBehavior', { behavior: 'deny', eventsEnabled: true })
        .catch(() => {});
      await removeAllBut(directory, kept);
    }
  };
  return {
    receive(act, o) {
      const mine = turn.then(() => receiveNext(act, o));
      turn = mine.catch(() => {});
      return mine;
    },
  };
}

async function removeAllBut(directory: string, kept: ReadonlyMap<string, unknown>): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    if (!kept.has(path)) await rm(path, { force: true });
  }
}
