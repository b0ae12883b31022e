import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import { type Automation, type AutomationContext, AutomationError } from '@gantry/automations';
import { type ChromeSession, type Downloads, openDownloads, openUploads } from '@gantry/chrome';
import type { ClaimedJob } from '@gantry/core';
import { endWithRun } from '../inputs/end-with-run.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { sniffContentType } from './sniff-content-type.ts';

const TIMEOUT_MS = 60_000;
/** Of all files that an attempt gives to its pages. */
const MAX_UPLOADED = 100_000_000;

/** How files go in and out of the pages of an attempt. */
export function createFileAccess(
  { storage }: Pick<WorkerDeps, 'storage'>,
  o: {
    automation: Pick<Automation, 'downloads'>;
    job: Pick<ClaimedJob, 'file'>;
    session: Pick<ChromeSession, 'browser' | 'directory' | 'pid'>;
    signal: AbortSignal;
  },
): Pick<AutomationContext, 'file' | 'download' | 'uploadFile'> {
  const { session, signal } = o;
  const { file } = o.job;
  const policy = o.automation.downloads;
  const uploads = openUploads(session, { maxBytes: MAX_UPLOADED });
  let downloads: Promise<Downloads> | null = null;
  return {
    file: file && {
      name: file.name,
      bytes: async () => buffer(await storage.get(file.storageKey)),
    },
    async download(act, { timeoutMs = TIMEOUT_MS } = {}) {
      signal.throwIfAborted();
      if (!policy)
        throw new AutomationError(
          'DOWNLOADS_NOT_DECLARED',
          'This service may not download files. Its automation must declare `downloads`.',
          { isPermanent: true },
        );
      mustBeHere(session);
      downloads ??= openDownloads(session, policy);
      const { name, size, path } = await (await downloads).receive(act, { timeoutMs, signal });
      const contentType = await sniffContentType(path, name);
      if (policy.types && !policy.types.some((type) => matches(contentType, type))) {
        await rm(path, { force: true });
        throw new AutomationError(
          'DOWNLOAD_TYPE_REFUSED',
          `The site sent ${contentType}. Expected: ${policy.types.join(', ')}.`,
        );
      }
      const open = () => endWithRun(createReadStream(path), signal);
      return { name, size, contentType, open, bytes: () => readFile(path) };
    },
    async uploadFile(field, upload) {
      signal.throwIfAborted();
      mustBeHere(session);
      await uploads.give(field, upload);
    },
  };
}

/** A browser that runs elsewhere sees none of our files, and we none of its. */
function mustBeHere({ pid }: Pick<ChromeSession, 'pid'>): void {
  if (pid !== null) return;
  throw new AutomationError(
    'FILES_NOT_AVAILABLE',
    'Files go in and out of browsers only that run beside the worker. Run it without BROWSER_WS_ENDPOINT.',
    { isPermanent: true },
  );
}

function matches(contentType: string, pattern: string): boolean {
  return pattern.endsWith('/*') ? contentType.startsWith(pattern.slice(0, -1)) : contentType === pattern;
}
