import type { BrowserPool } from '../pool/browser-pool.ts';
import { openRemoteSession, type RemoteOptions } from './remote-session.ts';

/**
 * Opens a pool of browsers that run elsewhere: each attempt gets a connection and a context of its own. What such a
 * browser cannot promise is in docs/remote-browsers.md.
 */
export async function openRemotePool(o: RemoteOptions): Promise<BrowserPool> {
  return {
    take: (request) => openRemoteSession(o, request),
    // Keeping browsers warm is up to the pool's operator.
    warmBrowsers: 0,
    settled: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
