/** A part of a stream: its headers by their names in small letters, and its bytes. */
export type Part = { headers: Map<string, string>; body: Uint8Array<ArrayBuffer> };

const HEAD_END = [13, 10, 13, 10];

/** The parts of a `multipart/mixed` body of which each says how long it is, as they come. */
export async function* readParts(stream: ReadableStream<Uint8Array>): AsyncGenerator<Part, void, undefined> {
  const reader = stream.getReader();
  let buffer = new Uint8Array(0);
  try {
    for (;;) {
      const found = takePart(buffer);
      if (found) {
        buffer = found.rest;
        yield found.part;
        continue;
      }
      const { value } = await reader.read();
      // Also after the closing boundary, which is no part.
      if (!value) return;
      const longer = new Uint8Array(buffer.length + value.length);
      longer.set(buffer);
      longer.set(value, buffer.length);
      buffer = longer;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The first part of some bytes, if all of it is there. */
function takePart(bytes: Uint8Array<ArrayBuffer>): { part: Part; rest: Uint8Array<ArrayBuffer> } | null {
  const headEnd = findHeadEnd(bytes);
  if (headEnd === -1) return null;
  const headers = new Map<string, string>();
  for (const line of new TextDecoder().decode(bytes.subarray(0, headEnd)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const start = headEnd + HEAD_END.length;
  const end = start + Number(headers.get('content-length'));
  // The body ends with a line break that is not counted.
  if (!(bytes.length >= end + 2)) return null;
  return { part: { headers, body: bytes.slice(start, end) }, rest: bytes.slice(end + 2) };
}

function findHeadEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at !== -1; at = bytes.indexOf(13, at + 1))
    if (HEAD_END.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}
