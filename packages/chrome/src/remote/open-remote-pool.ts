import type { BrowserPool } from '../pool/browser-pool.ts';
import { openRemoteSession, type RemoteOptions } from './remote-session.ts';

/**
 * Opens a pool of browsers that run elsewhere: each attempt gets a connection and a context of its own. What such a
 * browser cannot promise stands in docs/remote-browsers.md.
 */
export async function openRemotePool(o: RemoteOptions): Promise<BrowserPool> {
  return {
    take: (request) => openRemoteSession(o, request),
    // To keep browsers ready is up to whoever runs them.
    warmBrowsers: 0,
    settled: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
