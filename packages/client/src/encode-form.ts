import type { NamedFile } from './named-file.ts';

/**
 * A multipart form in one Blob, which knows its size and its type. The file comes last, so that the server knows what it
 * is for when it comes; it is not copied.
 */
export function encodeForm(fields: Record<string, string | undefined>, file: NamedFile): Blob {
  const boundary = `gantry-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const part = (name: string) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`;
  return new Blob(
    [
      ...Object.entries(fields).flatMap(([name, value]) =>
        value === undefined ? [] : [`${part(name)}\r\n\r\n${value}\r\n`],
      ),
      `${part('file')}; filename="${escapeName(file.name)}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
      file.data,
      `\r\n--${boundary}--\r\n`,
    ],
    { type: `multipart/form-data; boundary=${boundary}` },
  );
}

/** As browsers do it. */
function escapeName(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
