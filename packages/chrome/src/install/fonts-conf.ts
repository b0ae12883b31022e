import { join } from 'node:path';

const GENERIC = [
  ['sans-serif', 'Open Sans'],
  ['serif', 'Open Sans'],
  ['monospace', 'Noto Sans Mono'],
];

/**
 * The configuration of fontconfig: the system's own, if it has one, then our fonts, which come last wherever the
 * system's rules name another.
 *
 * @param directory where the Latin fonts and the cache are
 * @param others directories of fonts for other scripts
 */
export function fontsConf(directory: string, others: string[]): string {
  const directories = ['/usr/share/fonts', '/usr/local/share/fonts', join(directory, 'latin'), ...others];
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <cachedir>${escape(join(directory, 'cache'))}</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
${directories.map((path) => `  <dir>${escape(path)}</dir>`).join('\n')}
  <match target="pattern">
${GENERIC.map(([name]) => `    <test qual="all" name="family" compare="not_eq"><string>${name}</string></test>`).join('\n')}
    <edit name="family" mode="append_last"><string>sans-serif</string></edit>
  </match>
${GENERIC.map(([name, font]) => `  <alias><family>${name}</family><default><family>${font}</family></default></alias>`).join('\n')}
</fontconfig>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
