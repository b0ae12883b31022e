/** No proxy sees these. A page of the web cannot open them, but a job's address may lead there. */
export const LOCAL_SCHEMES = ['file:', 'filesystem:', 'ftp:', 'chrome:', 'chrome-untrusted:', 'devtools:'];

/** Tells whether a URL is of a scheme that no page may open. */
export function isLocal({ protocol }: URL): boolean {
  return LOCAL_SCHEMES.includes(protocol) || protocol === 'view-source:';
}
