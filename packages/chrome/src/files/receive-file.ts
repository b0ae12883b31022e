import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

import type { CDPSession, Protocol } from 'puppeteer-core';

import { ChromeError, type ChromeErrorCode } from '../chrome-error.ts';
import { cleanDownloadName } from './clean-file-name.ts';

// Chrome reports progress twice a second, in which a fast site sends a lot.
const LOOK_MS = 50;
/** How long after a failed action a download may still begin: opening a file's address fails, and downloads it. */
const GRACE_MS = 500;

/** A downloaded file. It is in the browser's directory and deleted with it. */
export type ReceivedFile = {
  /** As the site called it, made harmless. */
  name: string;
  /** Bytes. */
  size: number;
  path: string;
};

type Begun = { guid: string; name: string };

/**
 * Does something that begins a download and waits until the file is there, called by its number in `directory`. What
 * begins beside it is cancelled, and so is it when it becomes too large.
 *
 * @throws {ChromeError} DOWNLOAD_TOO_LARGE, DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT
 * @throws what `act` threw, if nothing was downloaded, or the signal's reason
 */
export async function receiveFile(
  connection: CDPSession,
  act: () => Promise<unknown>,
  o: { directory: string; maxBytes: number; timeoutMs: number; signal: AbortSignal },
): Promise<ReceivedFile> {
  let begun = null as Begun | null;
  const ended = Promise.withResolvers<ReceivedFile>();
  const fail = (code: ChromeErrorCode, message: string) => ended.reject(new ChromeError(code, message));
  const failTooLarge = () =>
    fail(
      'DOWNLOAD_TOO_LARGE',
      `The download is larger than the ${o.maxBytes.toLocaleString('en')} bytes it may have.`,
    );
  const cancel = (guid: string) => connection.send('Browser.cancelDownload', { guid }).catch(() => {});
  const onBegin = ({ guid, suggestedFilename }: Protocol.Browser.DownloadWillBeginEvent) => {
    if (begun) void cancel(guid);
    else begun = { guid, name: cleanDownloadName(suggestedFilename) };
  };
  const onProgress = ({ guid, state, totalBytes, receivedBytes }: Protocol.Browser.DownloadProgressEvent) => {
    if (guid !== begun?.guid) return;
    if (Math.max(totalBytes, receivedBytes) > o.maxBytes) failTooLarge();
    else if (state === 'completed') ended.resolve(toFile(o.directory, begun));
    else if (state === 'canceled')
      fail('DOWNLOAD_FAILED', 'The download broke off before its end. Another attempt may succeed.');
  };
  const onAbort = () => ended.reject(o.signal.reason);
  const onFailedAct = (error: unknown) => {
    timers.push(setTimeout(() => !begun && ended.reject(error), GRACE_MS));
  };
  const look = async () => {
    if (begun && (await sizeOf(join(o.directory, `${begun.guid}.crdownload`))) > o.maxBytes) failTooLarge();
  };
  const onTimeout = () => {
    const what = begun ? 'The download took longer than' : 'No download began within';
    fail('DOWNLOAD_TIMEOUT', `${what} ${o.timeoutMs / 1000} seconds.`);
  };
  const timers = [setInterval(() => void look(), LOOK_MS), setTimeout(onTimeout, o.timeoutMs)];
  connection.on('Browser.downloadWillBegin', onBegin);
  connection.on('Browser.downloadProgress', onProgress);
  o.signal.addEventListener('abort', onAbort);
  try {
    act().catch(onFailedAct);
    return await ended.promise;
  } catch (error) {
    if (begun) await cancel(begun.guid);
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    connection.off('Browser.downloadWillBegin', onBegin);
    connection.off('Browser.downloadProgress', onProgress);
    o.signal.removeEventListener('abort', onAbort);
  }
}

async function toFile(directory: string, begun: Begun): Promise<ReceivedFile> {
  const path = join(directory, begun.guid);
  return { name: begun.name, size: await sizeOf(path), path };
}

async function sizeOf(path: string): Promise<number> {
  const status = await lstat(path).catch(() => null);
  return status?.isFile() ? status.size : 0;
}
