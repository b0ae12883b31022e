import { networkError } from '../api-error.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { refusalOf } from '../parse-answer.ts';
import { RetryPolicy } from '../retry-policy.ts';
import { readAnswer, sendRequest, urlOf } from '../send-request.ts';
import type { LiveFrame, LiveState, RunningJob } from './live-values.ts';
import { readParts } from './read-parts.ts';

/** What comes on a live stream. `lost`: the connection, which is made again. */
export type LivePart =
  | { type: 'frame'; frame: LiveFrame }
  | { type: 'state'; jobId: string; attempt: number; state: LiveState }
  | { type: 'jobs'; jobs: RunningJob[] }
  | { type: 'ping' }
  | { type: 'lost' };

/** The server says something every 15 s; a connection that is silent for so long is gone. */
const SILENCE_MS = 40_000;

/**
 * All that comes at an address, over one connection after the other, until `signal` is aborted.
 *
 * @throws {GantryApiError} when the API refuses
 */
export async function* followLive(
  o: ConnectionOptions,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LivePart, void, undefined> {
  // Who looks at too many pages at once must close one.
  const retryPolicy = new RetryPolicy(signal, { bearsLimits: false });
  for (;;) {
    if (signal?.aborted) return;
    try {
      for await (const part of openLive(o, path, signal)) {
        retryPolicy.succeed();
        yield part;
      }
    } catch (error) {
      if (signal?.aborted) return;
      retryPolicy.check(error);
    }
    yield { type: 'lost' };
    await retryPolicy.pause();
  }
}

async function* openLive(
  o: ConnectionOptions,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LivePart, void, undefined> {
  const cut = new AbortController();
  const onAbort = () => cut.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  let silence = setTimeout(() => cut.abort(networkError()), SILENCE_MS);
  try {
    const response = await sendRequest(o, urlOf(o, path), { signal: cut.signal }, async (answer) => {
      if (answer.ok && answer.body && answer.headers.get('content-type')?.startsWith('multipart/mixed'))
        return answer.body;
      throw refusalOf(await readAnswer(answer));
    });
    for await (const { headers, body } of readParts(response)) {
      clearTimeout(silence);
      silence = setTimeout(() => cut.abort(networkError()), SILENCE_MS);
      yield headers.get('content-type') === 'image/jpeg'
        ? { type: 'frame', frame: toFrame(headers, body) }
        : JSON.parse(new TextDecoder().decode(body));
    }
  } catch (error) {
    throw error instanceof TypeError ? networkError(error) : error;
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', onAbort);
    cut.abort();
  }
}

function toFrame(headers: Map<string, string>, body: Uint8Array<ArrayBuffer>): LiveFrame {
  return {
    jobId: headers.get('gantry-job') ?? '',
    attempt: Number(headers.get('gantry-attempt')),
    image: new Blob([body], { type: 'image/jpeg' }),
  };
}
