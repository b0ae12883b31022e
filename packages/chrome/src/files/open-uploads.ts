import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ElementHandle } from 'puppeteer-core';

import { ChromeError } from '../chrome-error.ts';
import type { ChromeSession } from '../session/chrome-session.ts';
import { cleanFileName } from './clean-file-name.ts';

/** A file for a page: a name and bytes, never a path. */
export type NewUpload = { name: string; body: Uint8Array };

/** Gives files to pages. */
export type Uploads = {
  /**
   * Puts a file into a field, as if it had been chosen there.
   *
   * @param field an `<input type="file">`
   * @throws {ChromeError} UPLOAD_TOO_LARGE
   */
  give(field: ElementHandle, file: NewUpload): Promise<void>;
};

/** Lets files be given to the pages of a browser, by way of a directory inside the browser's. */
export function openUploads(session: Pick<ChromeSession, 'directory'>, o: { maxBytes: number }): Uploads {
  let given = 0;
  return {
    async give(field, { name, body }) {
      if (given + body.length > o.maxBytes)
        throw new ChromeError(
          'UPLOAD_TOO_LARGE',
          `No more than ${o.maxBytes.toLocaleString('en')} bytes may be given to pages.`,
        );
      given += body.length;
      // Of its own, for two files of one name; and it stays, since the browser reads it when the form is sent.
      const directory = join(session.directory, 'uploads', randomUUID());
      await mkdir(directory, { recursive: true });
      const path = join(directory, cleanFileName(name, { fallback: 'file' }));
      await writeFile(path, body);
      // An input of another kind is refused by the browser.
      await (await field.toElement('input')).uploadFile(path);
    },
  };
}
