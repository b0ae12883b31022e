// Endings under which a system runs a file, or follows where it leads, when somebody opens it.
const WINDOWS =
  'appref-ms|application|appx|appxbundle|bat|chm|cmd|com|cpl|diagcab|dll|drv|exe|gadget|hlp|hta|img|inf|ins|iso|isp|jar|js|jse|library-ms|lnk|mjs|msc|msh|mshxml|msi|msix|msixbundle|msp|mst|ocx|pif|ps1|ps1xml|ps2|psc1|psc2|psd1|psm1|rdp|reg|scf|scr|sct|search-ms|searchconnector-ms|settingcontent-ms|shb|shs|sys|theme|themepack|url|vb|vbe|vbs|vhd|vhdx|website|ws|wsc|wsf|wsh|xbap|xll';
const UNIX =
  'action|app|appimage|applescript|apk|bash|bin|command|csh|deb|desktop|dmg|elf|fish|ipa|ksh|mpkg|out|php|phar|phtml|pkg|pl|py|pyc|pyw|pyz|rb|rpm|run|scpt|scptd|service|sh|so|terminal|tool|webloc|inetloc|fileloc|workflow|zsh';
const PROGRAM = new RegExp(`\\.(?:${WINDOWS}|${UNIX})$`, 'i');
const MAX_ENDING = 40;

/**
 * Whether opening a file of this name would run it, or lead somewhere else. A name may hide its ending before a stream of
 * NTFS (`x.exe:y`), or write it in full-width letters.
 *
 * @param name as {@link readFileName} gives it
 */
export function opensProgram(name: string): boolean {
  return name.split(':').some((part) =>
    PROGRAM.test(
      part
        .slice(-MAX_ENDING)
        .normalize('NFKC')
        .replace(/[\s.]+$/, ''),
    ),
  );
}
