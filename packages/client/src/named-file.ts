/** A spreadsheet: a browser's `File`, or bytes with a name. A stream is read to its end before it is sent. */
export type SheetFile = File | { name: string; data: Blob | Uint8Array | ReadableStream<Uint8Array> };

/** A file and its name. */
export type NamedFile = { name: string; data: Blob };

/** The whole of a file, ready to be sent. @throws {TypeError} when it is something else */
export async function toNamedFile(file: SheetFile): Promise<NamedFile> {
  checkFile(file);
  if (file instanceof Blob) return { name: file.name, data: file };
  const { name, data } = file;
  if (data instanceof Blob) return { name, data };
  // A copy: the bytes are the caller's, and may change or be shared.
  if (data instanceof Uint8Array) return { name, data: new Blob([new Uint8Array(data)]) };
  return { name, data: await new Response(data).blob() };
}

/** Types do not keep a path, or bytes without a name, from arriving here. */
function checkFile(file: unknown): void {
  const { name, data }: { name?: unknown; data?: unknown } = Object(file);
  const isData = data instanceof Blob || data instanceof Uint8Array || data instanceof ReadableStream;
  if (typeof name === 'string' && (file instanceof Blob || isData)) return;
  throw new TypeError(
    typeof file === 'string'
      ? `file: give the content, not a path: { name: 'list.csv', data: await openAsBlob(path) }, with openAsBlob of node:fs.`
      : 'file: give a File, or { name, data } with a Blob, a Uint8Array or a ReadableStream as data.',
  );
}
