// Many watchers in one process: reads the streams of jobs, and reports how long each marked event took to arrive.
import { z } from 'zod';

const startSchema = z.object({
  url: z.string(),
  watches: z.array(z.object({ jobId: z.string(), token: z.string() })),
});
const MARK = /mark-(\d+(?:\.\d+)?)-/g;

const stop = new AbortController();
let latencies: number[] = [];

process.on('message', (message) => void obey(message));

async function obey(message: unknown): Promise<void> {
  if (message === 'report') {
    process.send?.(latencies);
    latencies = [];
    return;
  }
  if (message === 'stop') {
    stop.abort();
    process.disconnect();
    return;
  }
  const { url, watches } = startSchema.parse(message);
  for (const watch of watches) void listen(await open(url, watch));
  process.send?.('ready');
}

async function open(
  url: string,
  { jobId, token }: { jobId: string; token: string },
): Promise<ReadableStream<Uint8Array>> {
  const input = encodeURIComponent(JSON.stringify({ jobId, afterSeq: 0 }));
  const response = await fetch(`${url}/api/trpc/jobs.watch?input=${input}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal: stop.signal,
  });
  if (!response.ok || !response.body)
    throw new Error(`A watch was refused: ${response.status} ${await response.text()}`);
  return response.body;
}

async function listen(stream: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream) {
      const now = performance.timeOrigin + performance.now();
      for (const [, writtenAt] of decoder.decode(chunk).matchAll(MARK))
        latencies.push(now - Number(writtenAt));
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}
