import { expect, test, vi } from 'vitest';

import { limitUnanswered, MAX_UNANSWERED } from './limit-unanswered.ts';

function open() {
  const onTooMany = vi.fn();
  const logger = limitUnanswered(onTooMany);
  const [send, receive] = [logger('puppeteer:protocol:SEND ►'), logger('puppeteer:protocol:RECV ◀')];
  let id = 0;
  return {
    onTooMany,
    command: (count: number, sessionId?: string) => {
      for (let i = 0; i < count; i++)
        send?.(JSON.stringify({ method: 'A.b', params: {}, id: ++id, sessionId }));
    },
    answer: (count: number, sessionId?: string) => {
      for (let i = 0; i < count; i++) receive?.(JSON.stringify({ id: i, result: {}, sessionId }));
    },
    tell: (method: string, params: object) => receive?.(JSON.stringify({ method, params })),
  };
}

test('so many commands may wait for their answers, and one more is too many', () => {
  const { onTooMany, command } = open();
  command(MAX_UNANSWERED - 1, 'A1');
  command(1);
  expect(onTooMany).not.toHaveBeenCalled();
  command(2, 'B2');
  expect(onTooMany).toHaveBeenCalledOnce();
});

test('what was answered waits no more, and neither does what a page that is gone has left', () => {
  const { onTooMany, command, answer, tell } = open();
  for (let i = 0; i < 3; i++) {
    command(MAX_UNANSWERED / 2, 'A1');
    answer(MAX_UNANSWERED / 2, 'A1');
    command(MAX_UNANSWERED / 2, `C${i}`);
    tell('Target.detachedFromTarget', { sessionId: `C${i}`, targetId: 'D' });
  }
  expect(onTooMany).not.toHaveBeenCalled();
});

test('events are no answers, whatever they hold', () => {
  const { onTooMany, command, tell } = open();
  command(MAX_UNANSWERED, 'A1');
  tell('Runtime.consoleAPICalled', { args: ['{"id":1,"result":{},"sessionId":"A1"}'] });
  command(1, 'A1');
  expect(onTooMany).toHaveBeenCalledOnce();
});
