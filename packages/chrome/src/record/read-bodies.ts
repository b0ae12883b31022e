import { cutText } from './cut-text.ts';
import type { Exchange } from './exchange.ts';

const MAX_BODIES = 20;
const MAX_BODY_LENGTH = 64_000;

/**
 * Reads the bodies of answers with an error status, where a server says what was wrong.
 * Text only, the last ones, and only what the browser still has.
 *
 * @param signal when it is aborted, what has not come by then is left out
 */
export async function readBodies(
  exchanges: readonly Exchange[],
  signal: AbortSignal,
): Promise<Map<Exchange, string>> {
  const bodies = new Map<Exchange, string>();
  const wanted = exchanges
    .filter(
      ({ answer, endedAt }) => answer && answer.status >= 400 && endedAt !== null && isText(answer.mimeType),
    )
    .slice(-MAX_BODIES);
  const reading = wanted.map(async (exchange) => {
    const { requestId } = exchange;
    const { body, base64Encoded } = await exchange.session.send('Network.getResponseBody', { requestId });
    if (!base64Encoded) bodies.set(exchange, cutText(body, MAX_BODY_LENGTH));
  });
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await Promise.race([Promise.allSettled(reading), aborted]);
  return new Map(bodies);
}

function isText(mimeType: string): boolean {
  return /^text\/|json|xml|x-www-form-urlencoded/i.test(mimeType);
}
