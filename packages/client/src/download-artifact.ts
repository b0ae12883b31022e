import type { ConnectionOptions } from './connection-options.ts';
import { refusalOf } from './parse-answer.ts';
import { readAnswer, sendRequest, urlOf } from './send-request.ts';
import { withOwnSignal } from './with-own-signal.ts';

/** The bytes of a file that a job made, all of them. @throws {GantryApiError} */
export async function downloadArtifact(
  o: ConnectionOptions,
  artifactId: string,
  signal: AbortSignal | undefined,
): Promise<Blob> {
  const url = urlOf(o, `/api/artifacts/${encodeURIComponent(artifactId)}`);
  return withOwnSignal({ signal }, (own) =>
    sendRequest(o, url, { signal: own }, async (response) => {
      // Another server's page at this address is no attachment.
      if (response.ok && response.headers.has('content-disposition')) return response.blob();
      throw refusalOf(await readAnswer(response));
    }),
  );
}
