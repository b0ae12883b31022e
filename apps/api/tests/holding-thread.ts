import { type FileSpec, readSheet, type Sheet } from '@gantry/sheet';

/** Where a thread says that it holds a file. */
export const HOLDS = 'gantry-test-holds';
/** A file that is read without an end. */
export const HELD_CSV = 'Container\nHELD\n';

/** Reads sheets as the threads of the product do, but for {@link HELD_CSV}. */
export default async function hold({
  bytes,
  spec,
}: {
  bytes: Uint8Array;
  spec: FileSpec;
}): Promise<{ sheet: Sheet }> {
  if (new TextDecoder().decode(bytes) === HELD_CSV) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    new BroadcastChannel(HOLDS).postMessage('');
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  }
  return { sheet: await readSheet(bytes, spec) };
}
