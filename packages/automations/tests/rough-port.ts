import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How a site answers a search for one container: a page, or whatever it does with the response. */
export type Behaviour = string | ((response: ServerResponse) => void);

const FORM = '/pcs/index.php/Report/mySearchContainerLocationForm';

/** A table with a location. */
export const ANSWER =
  '<table><tr><td>Position / Location</td><td>:</td><td>NCT A-1</td></tr><tr><td>Yard</td><td>:</td><td>NCT</td></tr></table>';

/** Sends a page. */
export function send(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html><body>${body}</body></html>`);
}

/**
 * A site with the port's form, which answers each container as the test says.
 *
 * @param o.pages what else it has, by path
 * @param o.form the markup of the form page; the port's own by default
 */
export async function openRoughPort(o: {
  behaviours: ReadonlyMap<string, Behaviour>;
  pages?: Record<string, Behaviour>;
  form?: Behaviour;
}) {
  const searches: string[] = [];
  const answer = (response: ServerResponse, behaviour: Behaviour) =>
    typeof behaviour === 'string' ? send(response, behaviour) : behaviour(response);
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://port');
    if (pathname === FORM) return answer(response, o.form ?? portForm());
    const page = o.pages?.[pathname];
    if (page !== undefined) return answer(response, page);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const container = new URLSearchParams(body).get('c') ?? searchParams.get('c') ?? '';
    searches.push(container);
    answer(response, o.behaviours.get(container) ?? ANSWER);
  }
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return {
    url: `http://127.0.0.1:${address.port}/pcs/`,
    searches,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The port's form, with what a test adds to it. */
export function portForm(o: { onSubmit?: string; script?: string } = {}): string {
  return `<form method="post" action="/pcs/answer" target="_blank" onsubmit="${o.onSubmit ?? ''}">
    <input type="text" name="c" id="containerLocation"><button type="submit">Search</button></form>
    <div id="result"></div><script>${o.script ?? ''}</script>`;
}
