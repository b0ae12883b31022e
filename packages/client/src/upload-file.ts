import { unexpectedAnswer } from './api-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { encodeForm } from './encode-form.ts';
import { type SheetFile, toNamedFile } from './named-file.ts';
import { type SendOptions, sendForm } from './send-form.ts';

/** A file that was checked and kept. One that no job and no schedule uses is removed after a day. */
export type Upload = {
  uploadId: string;
  fileName: string;
  rows: FoundRows;
};

/** How many rows a file has, and how many of them can be worked on. */
export type FoundRows = {
  total: number;
  valid: number;
  invalid: number;
  duplicate: number;
  /** The sheet of the workbook that was read; absent for CSV. */
  sheet?: string;
  /** Visible sheets that hold such values too and were not read; absent for CSV. */
  otherSheets?: string[];
  /** Rows that are hidden, by a filter say, and read like others; absent for none. */
  hiddenRows?: number;
  /** Headers of columns that hold such values too and were not read; absent for none. */
  otherColumns?: string[];
};

/** Uploads a file for a service, to be used by its id. @throws {GantryApiError} */
export async function uploadFile(
  o: ConnectionOptions,
  { serviceId, file }: { serviceId: string; file: SheetFile },
  options: SendOptions,
): Promise<Upload> {
  const body = encodeForm({ serviceId }, await toNamedFile(file));
  const upload = await sendForm(o, '/api/uploads', body, options);
  if (!isUpload(upload)) throw unexpectedAnswer(201);
  return upload;
}

function isUpload(answer: unknown): answer is Upload {
  return typeof answer === 'object' && answer !== null && 'uploadId' in answer;
}
