import type { Logger } from 'pino';

/**
 * Keeps this process, and with it all jobs beside, on an unhandled rejection: of a promise that an automation has
 * left behind, or puppeteer's at something that a page made it hear. What depended on it has heard of it, or never will.
 */
export function logUnhandledRejections(log: Pick<Logger, 'error'>): void {
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'unhandled rejection');
  });
}
