import { open } from 'node:fs/promises';

import { fileTypeFromFile } from 'file-type';

const LOOK_BYTES = 64_000;
const TEXT_TYPES: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  md: 'text/markdown',
};

/**
 * Tells what a file is by its content. The name counts only among kinds of text, which look alike; a page of HTML is one
 * whatever it is called, since that is what a site sends instead of a file when it does not like something.
 */
export async function sniffContentType(path: string, name: string): Promise<string> {
  const known = await fileTypeFromFile(path);
  if (known) return known.mime;
  const text = await readText(path);
  if (text === null) return 'application/octet-stream';
  if (/^\s*(?:<!--[^]{0,1000}?-->\s*)?<(?:!doctype html|html|head|body)\b/i.test(text)) return 'text/html';
  const [, extension = ''] = /\.(\w+)$/.exec(name.toLowerCase()) ?? [];
  return TEXT_TYPES[extension] ?? 'text/plain';
}

/** The beginning of a file, if it is text. */
async function readText(path: string): Promise<string | null> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(LOOK_BYTES), position: 0 });
  const bytes = buffer.subarray(0, bytesRead);
  if (bytes.includes(0)) return null;
  try {
    // A character that the end cuts in two does not make it less of a text.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
