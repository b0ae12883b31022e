import type { AppRouter } from '@gantry/api';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource } from 'eventsource';

import { networkError } from './api-error.ts';
import type { JobEvent } from './api-values.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { refusalOf } from './parse-answer.ts';
import { readAnswer, sendRequest, urlOf } from './send-request.ts';
import { toApiError } from './with-api-errors.ts';

/** One connection on which a job's events come. */
export type EventStream = {
  /** Ends when the server ends the stream or it is closed; throws what went wrong. */
  events: AsyncIterable<JobEvent>;
  close: () => void;
};

/**
 * Opens one connection. The caller decides whether to open another one after it. It fails if it has not started after
 * `queryTimeoutMs`.
 */
export function openEventStream(
  o: ConnectionOptions,
  input: { jobId: string; afterSeq: number },
  onStarted: () => void,
): EventStream {
  const waiting: JobEvent[] = [];
  let wake = signal();
  let end: { error: unknown } | 'completed' | null = null;
  const finish = (how: { error: unknown } | 'completed') => {
    clearTimeout(timer);
    end ??= how;
    wake.resolve();
  };
  const fail = (error: unknown) => finish({ error: toApiError(error) });
  const timer =
    o.queryTimeoutMs === undefined ? undefined : setTimeout(() => fail(networkError()), o.queryTimeoutMs);
  const link = httpSubscriptionLink({
    url: urlOf(o, '/api/trpc'),
    EventSource,
    eventSourceOptions: {
      fetch: (target, init) =>
        sendRequest(o, target, init, async (response) => {
          if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
          throw refusalOf(await readAnswer(response));
        }).catch((error: unknown) => {
          // An EventSource would keep to itself why it was refused.
          fail(error);
          throw error;
        }),
    },
  });
  const subscription = createTRPCClient<AppRouter>({ links: [link] }).jobs.watch.subscribe(input, {
    onStarted: () => {
      clearTimeout(timer);
      onStarted();
    },
    onData: ({ data }) => {
      waiting.push(data);
      wake.resolve();
    },
    onConnectionStateChange: ({ state, error }) => {
      // Before the link connects again by itself, without pauses that grow, or asks again for what was refused.
      if (state === 'connecting' && error) fail(error.data ? error : networkError(error));
    },
    onError: (error) => fail(error.data ? error : networkError(error)),
    onComplete: () => finish('completed'),
  });
  return {
    events: read(),
    close: () => {
      subscription.unsubscribe();
      finish('completed');
    },
  };

  async function* read(): AsyncGenerator<JobEvent> {
    for (;;) {
      const event = waiting.shift();
      if (event) yield event;
      else if (end === 'completed') return;
      else if (end) throw end.error;
      else {
        await wake.promise;
        wake = signal();
      }
    }
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
