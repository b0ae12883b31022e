// Endings under which a system runs a file, or follows its link, when it is opened: those that Outlook blocks in
// attachments, and those with which Excel and Windows fetch or start something else.
const WINDOWS =
  'accda|accdb|accde|accdr|ade|adp|appcontent-ms|appinstaller|application|appref-ms|appx|appxbundle|asp|aspx|bas|bat|chm|cmd|cnt|com|cpl|diagcab|diagcfg|diagpkg|dll|dqy|drv|exe|fxp|gadget|grp|hlp|hpj|hta|img|inf|ins|iqy|iso|isp|its|jar|jnlp|js|jse|library-ms|lnk|mad|maf|mag|mam|maq|mau|mav|maw|mcf|mda|mdb|mde|mdt|mdw|mdz|mjs|msc|msh|msh1|msh1xml|msh2|msh2xml|mshxml|msi|msix|msixbundle|msp|mst|msu|ocx|ops|oqy|osd|pcd|pif|plg|potm|ppa|ppam|ppsm|prf|prg|printerexport|ps1|ps1xml|ps2|ps2xml|psc1|psc2|psd1|psdm1|psm1|pyo|pyzw|rdp|reg|rqy|scf|scr|sct|search-ms|searchconnector-ms|settingcontent-ms|shb|shs|sldm|slk|sys|theme|themepack|udl|url|vb|vbe|vbp|vbs|vbscript|vhd|vhdx|vsmacros|vsw|webpnp|website|wim|ws|wsb|wsc|wsf|wsh|xbap|xlc|xll|xlw|xnk';
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
