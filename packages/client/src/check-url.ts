/** @throws {TypeError} when it is not the address of a server */
export function checkUrl(url: unknown): void {
  if (typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new TypeError(
    `url: ${JSON.stringify(url)} is no address of a server, such as https://gantry.example.com.`,
  );
}
