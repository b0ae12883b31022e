import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { PublicNames } from './public-names.ts';

test('finds all addresses of a name, of both families', async () => {
  using server = await openNameServer((type) =>
    type === 'A'
      ? [
          [192, 0, 2, 1],
          [192, 0, 2, 2],
        ]
      : [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  );
  using names = new PublicNames([server.address]);
  expect(await names.resolve('both.example')).toEqual([
    { address: '192.0.2.1', family: 4 },
    { address: '192.0.2.2', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ]);
});

test('a name of one family is found, and one without addresses is an error', async () => {
  using server = await openNameServer((type, name) =>
    type === 'A' && name === 'four.example' ? [[192, 0, 2, 1]] : [],
  );
  using names = new PublicNames([server.address]);
  expect(await names.resolve('four.example')).toEqual([{ address: '192.0.2.1', family: 4 }]);
  await expect(names.resolve('none.example')).rejects.toMatchObject({ code: 'ENODATA' });
});

test('names that nobody answers for hold up no other, and end with their browser', async () => {
  using server = await openNameServer(() => null);
  const names = new PublicNames([server.address]);
  const slow = Array.from({ length: 100 }, (_, i) => names.resolve(`${i}.slow.example`));
  const ended = Promise.allSettled(slow);
  expect(await lookup('localhost')).toMatchObject({ address: expect.any(String) });
  names[Symbol.dispose]();
  for (const outcome of await ended) expect(outcome).toMatchObject({ reason: { code: 'ECANCELLED' } });
});

/** A DNS server on loopback. Where `answer` is null it says nothing. */
async function openNameServer(answer: (type: 'A' | 'AAAA', name: string) => number[][] | null) {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    // A query of one question (RFC 1035): twelve bytes of header, the labels of the name, a zero, type and class.
    const end = query.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; query[at]; at += 1 + (query[at] ?? 0))
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
    const type = query.readUInt16BE(end - 4);
    const records = answer(type === 1 ? 'A' : 'AAAA', labels.join('.'));
    if (!records) return;
    const header = Buffer.from([
      query[0] ?? 0,
      query[1] ?? 0,
      0x81,
      0x80,
      0,
      1,
      0,
      records.length,
      0,
      0,
      0,
      0,
    ]);
    const answers = records.map((record) =>
      Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, record.length, ...record]),
    );
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.dispose]: () => void socket.close(),
  };
}
