import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ChromeError } from '../chrome-error.ts';
import { removeDrafts } from './fill-directory-once.ts';
import { prepareFonts } from './prepare-fonts.ts';
import { unpackNpmBrowser } from './unpack-npm-browser.ts';

/** Chrome as people use it, or the small build of it that has no windows: faster, and enough for most sites. */
export type BrowserKind = 'chrome' | 'headless-shell';

/** A browser that runs on this machine. */
export type BrowserBinary = {
  executablePath: string;
  /** What it needs in its environment to find its libraries and fonts. */
  env: Record<string, string>;
  kind: BrowserKind;
  source: 'CHROME_PATH' | 'system' | 'npm';
  version: string;
};

type BrowserSearch = {
  chromePath?: string | undefined;
  cacheDir: string;
  kind?: BrowserKind | undefined;
};

// Debian's /usr/bin/chromium is a script that adds flags of its own; the program itself comes first.
const SYSTEM_PATHS = [
  '/usr/lib/chromium/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Finds the browser: the one that CHROME_PATH names, else the headless shell inside the npm package, which is the
 * same on every machine, else one that the system has. With `kind`, the first of these that is of this kind.
 *
 * @param o.cacheDir where the npm package's browser and the fonts are unpacked, once
 * @throws {ChromeError} BROWSER_NOT_FOUND
 */
export async function findBrowser(o: BrowserSearch): Promise<BrowserBinary> {
  await removeDrafts(o.cacheDir);
  const [binary, fonts] = await Promise.all([findBinary(o), prepareFonts(o.cacheDir)]);
  return { ...binary, env: { ...binary.env, ...fonts } };
}

async function findBinary(o: BrowserSearch): Promise<BrowserBinary> {
  const isWanted = (binary: BrowserBinary | null): binary is BrowserBinary =>
    binary !== null && (o.kind === undefined || binary.kind === o.kind);
  if (o.chromePath) {
    const version = await readVersion(o.chromePath, {});
    if (!version) {
      throw new ChromeError(
        'BROWSER_NOT_FOUND',
        `CHROME_PATH names ${o.chromePath}, which is no browser that runs here.`,
      );
    }
    const binary = describe(o.chromePath, 'CHROME_PATH', version);
    if (isWanted(binary)) return binary;
  }
  const shell = o.kind === 'chrome' ? null : await findNpmBrowser(o.cacheDir);
  if (isWanted(shell)) return shell;
  for (const path of SYSTEM_PATHS) {
    const version = await readVersion(path, {});
    const binary = version === null ? null : describe(path, 'system', version);
    if (isWanted(binary)) return binary;
  }
  throw new ChromeError(
    'BROWSER_NOT_FOUND',
    o.kind === 'chrome'
      ? 'This needs the full Chrome, which the worker does not have. Install Chromium there, or set CHROME_PATH to its program.'
      : 'No browser runs on this machine. Install Chromium and set CHROME_PATH to its program.',
  );
}

async function findNpmBrowser(cacheDir: string): Promise<BrowserBinary | null> {
  const { executablePath, libraryEnv } = await unpackNpmBrowser(cacheDir);
  for (const env of [{}, libraryEnv]) {
    const version = await readVersion(executablePath, env);
    if (version) return { executablePath, env, kind: 'headless-shell', source: 'npm', version };
  }
  return null;
}

function describe(executablePath: string, source: BrowserBinary['source'], version: string): BrowserBinary {
  const kind = /headless[-_]shell/.test(executablePath) ? 'headless-shell' : 'chrome';
  return { executablePath, env: {}, kind, source, version };
}

async function readVersion(executablePath: string, env: Record<string, string>): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(executablePath, ['--version'], {
      env,
      timeout: 20_000,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}
