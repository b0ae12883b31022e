import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { expect, test, vi } from 'vitest';

import { limitMessages, MAX_MESSAGE_BYTES } from './limit-messages.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');
const END = Buffer.from([0]);

function open() {
  const pipe = new PassThrough();
  const onTooLong = vi.fn();
  limitMessages(pipe, onTooLong);
  return {
    pipe,
    onTooLong,
    say: async (...chunks: Buffer[]) => {
      for (const chunk of chunks) if (!pipe.write(chunk)) await once(pipe, 'drain');
    },
  };
}

const long = Array.from({ length: MAX_MESSAGE_BYTES / MEGABYTE.length }, () => MEGABYTE);

test('any number of messages may be as long as the longest', async () => {
  const { pipe, onTooLong, say } = open();
  await say(...long, END, ...long, Buffer.concat([END, MEGABYTE, END, MEGABYTE]), ...long.slice(1), END);
  expect(onTooLong).not.toHaveBeenCalled();
  expect(pipe.destroyed).toBe(false);
});

test('one that is longer closes the pipe, when that has been said', async () => {
  const { pipe, onTooLong, say } = open();
  onTooLong.mockImplementation(() => expect(pipe.destroyed).toBe(false));
  await say(...long);
  expect(onTooLong).not.toHaveBeenCalled();
  pipe.write(MEGABYTE);
  await once(pipe, 'close');
  expect(onTooLong).toHaveBeenCalledOnce();
});
