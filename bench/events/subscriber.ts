// Many watchers in one process: reads the streams of jobs, and reports how long each marked event took to arrive. With
// plain HTTP rather than `fetch`, whose streams would keep the processor that the server needs.
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';

import { z } from 'zod';

const startSchema = z.object({
  url: z.string(),
  watches: z.array(z.object({ jobId: z.string(), token: z.string() })),
});
const MARK = /mark-(\d+(?:\.\d+)?)-/g;
const CONNECTED = 'event: connected';

const agent = new Agent({ keepAlive: false });
const streams: IncomingMessage[] = [];
let latencies: number[] = [];

process.on('message', (message) => void obey(message));

async function obey(message: unknown): Promise<void> {
  if (message === 'report') {
    process.send?.(latencies);
    latencies = [];
    return;
  }
  if (message === 'stop') {
    for (const stream of streams) stream.destroy();
    process.disconnect();
    return;
  }
  const { url, watches } = startSchema.parse(message);
  await Promise.all(watches.map((watch) => open(url, watch)));
  process.send?.('ready');
}

/** Resolves when the stream has begun. */
async function open(url: string, { jobId, token }: { jobId: string; token: string }): Promise<void> {
  const input = encodeURIComponent(JSON.stringify({ jobId, afterSeq: 0 }));
  const request = get(`${url}/api/trpc/jobs.watch?input=${input}`, {
    agent,
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response?.statusCode !== 200) throw new Error(`A watch was refused: ${response?.statusCode}`);
  streams.push(response);
  const begun = Promise.withResolvers<void>();
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const now = performance.timeOrigin + performance.now();
    if (chunk.includes('event: serialized-error')) throw new Error(`A watch was refused: ${chunk}`);
    if (chunk.startsWith(CONNECTED)) begun.resolve();
    for (const [, writtenAt] of chunk.matchAll(MARK)) latencies.push(now - Number(writtenAt));
  });
  await begun.promise;
}
