import { opensProgram, readFileName } from '@gantry/file-names';

/** What a file system takes for one name, less what we may add. */
const MAX_BYTES = 200;
const MAX_EXTENSION_LENGTH = 12;
// Names that Windows keeps for its devices.
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A name that a stranger gave a file, as a name and nothing more, without what a file system could trip over.
 *
 * @param o.fallback for a name of which nothing is left
 */
export function cleanFileName(name: string, o: { fallback: string }): string {
  const visible = readFileName(name)
    .replaceAll(/[<>:"|?*]/g, '_')
    // Where a run begins, and nowhere inside of it: a page may give a name that is nothing but gaps.
    .replaceAll(/^[\s._]+|(?<![\s.])[\s.]+$/g, '');
  const dot = visible.lastIndexOf('.');
  const extension = dot > 0 && visible.length - dot <= MAX_EXTENSION_LENGTH ? visible.slice(dot) : '';
  const stem = cutBytes(visible.slice(0, visible.length - extension.length), MAX_BYTES);
  return `${DEVICES.test(stem) ? '_' : ''}${stem || o.fallback}${extension}`;
}

/** The same for a file of a site, which besides is never called something that a system would run. */
export function cleanDownloadName(name: string): string {
  const clean = cleanFileName(name, { fallback: 'download' });
  return opensProgram(clean) ? `${clean}.txt` : clean;
}

function cutBytes(text: string, most: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    cut += character;
  }
  return cut;
}
