import { createRequire } from 'node:module';

/** The version of an installed package. */
export function versionOf(name: string): string {
  const { version }: { version: string } = createRequire(import.meta.url)(`${name}/package.json`);
  return version;
}
