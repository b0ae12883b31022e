/** A spreadsheet: a browser's `File`, or bytes with a name. A stream is read to its end before it is sent. */
export type SheetFile = File | { name: string; data: Blob | Uint8Array | ReadableStream<Uint8Array> };

/** A file and its name. */
export type NamedFile = { name: string; data: Blob };

/** The whole of a file, ready to be sent. */
export async function toNamedFile(file: SheetFile): Promise<NamedFile> {
  if (file instanceof Blob) return { name: file.name, data: file };
  const { name, data } = file;
  if (data instanceof Blob) return { name, data };
  // A copy: the bytes are the caller's, and may change or be shared.
  if (data instanceof Uint8Array) return { name, data: new Blob([new Uint8Array(data)]) };
  return { name, data: await new Response(data).blob() };
}
