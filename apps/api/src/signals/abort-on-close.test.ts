import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { expect, test } from 'vitest';

import { abortOnClose } from './abort-on-close.ts';

/** An answer that is waited for by somebody who may hang up. */
async function openAnswer() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port }: AddressInfo = JSON.parse(JSON.stringify(server.address()));
  const client = connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
  const [, response]: ServerResponse[] = await once(server, 'request');
  if (!response) throw new Error('no answer was asked for');
  return {
    response,
    async hangUp() {
      client.destroy();
      await once(response, 'close');
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

test('is aborted when the client goes, and not before', async () => {
  using answer = await openAnswer();
  const gone = abortOnClose(answer.response);
  expect(gone.aborted).toBe(false);
  await answer.hangUp();
  expect(gone.aborted).toBe(true);
});

test('is aborted from the beginning for a client that had gone before anybody asked', async () => {
  using answer = await openAnswer();
  await answer.hangUp();
  expect(abortOnClose(answer.response).aborted).toBe(true);
});
