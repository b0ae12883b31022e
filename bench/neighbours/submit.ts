/** Submits a file as the web app does. Returns the status and how long the answer took. */
export async function submit(
  o: { url: string; token: string },
  content: Uint8Array<ArrayBuffer>,
): Promise<{ status: number; code: string; ms: number }> {
  const body = new FormData();
  body.append('serviceId', 'tracking');
  body.append('file', new Blob([content]), 'list.csv');
  const begin = performance.now();
  const response = await fetch(`${o.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${o.token}` },
    body,
  });
  const answer = await response.text();
  const code = /"code":"([^"]+)"/.exec(answer)?.[1] ?? 'accepted';
  return { status: response.status, code, ms: performance.now() - begin };
}
