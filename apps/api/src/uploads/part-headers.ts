import { ApiError } from '../errors/api-error.ts';

const MAX_BYTES = 16_000;
const MAX_COUNT = 50;
// As every client writes it. What else is allowed is read differently by different parsers.
const CONTENT_TYPE =
  /^multipart\/form-data\s*;\s*boundary=(?:"([^"\\]+)"|([^\s;="]+))\s*(?:;\s*charset=[\w-]+\s*)?$/i;
const PLAIN_ENCODINGS = new Set(['', '7bit', '8bit', 'binary', 'identity']);

/**
 * Watches the headers of a form's parts as the bytes pass by. The parser cuts what is too long, leaves out what is too
 * many, and passes on a compressed part as if it were not.
 */
export class PartHeaders {
  readonly #delimiter: Buffer;
  // Bytes that may be the beginning of a delimiter, or the headers so far. The first delimiter has no line before it.
  #rest: Buffer = Buffer.from('\r\n');
  #isInHeaders = false;

  /**
   * @param contentType of the request
   * @throws {ApiError} FORM_INVALID
   */
  constructor(contentType: string) {
    const [, quoted, bare] = CONTENT_TYPE.exec(contentType) ?? [];
    const boundary = quoted ?? bare;
    if (!boundary) {
      throw new ApiError(400, 'FORM_INVALID', 'The Content-Type of the form must name its boundary, once.');
    }
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** @throws {ApiError} HEADERS_TOO_LARGE, ENCODING_UNSUPPORTED */
  push(chunk: Buffer): void {
    let data = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const mark = this.#isInHeaders ? '\r\n\r\n' : this.#delimiter;
      const at = data.indexOf(mark);
      if (this.#isInHeaders) checkHeaders(data.subarray(0, at < 0 ? data.length : at), at >= 0);
      if (at < 0) break;
      data = data.subarray(at + mark.length);
      this.#isInHeaders = !this.#isInHeaders;
    }
    this.#rest = this.#isInHeaders ? data : data.subarray(-this.#delimiter.length);
  }
}

function checkHeaders(bytes: Buffer, isWhole: boolean): void {
  // After the last delimiter come two dashes and whatever follows the form.
  if (bytes.subarray(0, 2).equals(Buffer.from('--'))) return;
  if (bytes.length > MAX_BYTES) throw tooLarge();
  if (!isWhole) return;
  const lines = bytes.toString('latin1').split('\r\n');
  if (lines.length > MAX_COUNT) throw tooLarge();
  // A value may continue in the next line.
  for (const line of lines
    .join('\r\n')
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, value = ''] = /^content-(?:transfer-)?encoding\s*:(.*)$/i.exec(line) ?? [];
    requirePlain(value);
  }
}

/** Refuses what is sent compressed or otherwise encoded. @throws {ApiError} ENCODING_UNSUPPORTED */
export function requirePlain(encoding: string | undefined): void {
  if (PLAIN_ENCODINGS.has((encoding ?? '').trim().toLowerCase())) return;
  throw new ApiError(
    415,
    'ENCODING_UNSUPPORTED',
    'Send the form and its file as they are, without an encoding.',
  );
}

function tooLarge(): ApiError {
  return new ApiError(
    431,
    'HEADERS_TOO_LARGE',
    'The headers of a part of the form are too large or too many.',
  );
}
