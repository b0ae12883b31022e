import type { Logger } from 'pino';

/**
 * Keeps this process, and with it all jobs beside, when a promise fails that nobody waits for: one that an automation has
 * left behind, or puppeteer's at something that a page made it hear. What depended on it has heard of it, or never will.
 */
export function logUnhandledRejections(log: Pick<Logger, 'error'>): void {
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'a promise failed that nobody waited for');
  });
}
