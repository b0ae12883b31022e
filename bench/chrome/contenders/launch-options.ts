import type { BrowserBinary } from '@gantry/chrome';
import type { LaunchOptions } from 'puppeteer-core';

/** How the peers launch: puppeteer's defaults, and the pipe, which is faster than a socket and leaves no orphans. */
export function launchOptions(binary: BrowserBinary): LaunchOptions {
  return {
    executablePath: binary.executablePath,
    headless: binary.kind === 'headless-shell' ? 'shell' : true,
    pipe: true,
    env: { ...process.env, ...binary.env },
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  };
}
