import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Copies what is in a directory with owners and modes, which Node's own `cp` does not keep. */
export async function copyDirectory(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', `${from}/.`, to]);
}
