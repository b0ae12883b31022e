import { rowPlace } from '@gantry/react';

import type { TraceMark } from './read-trace.ts';

/** A mark in words, as captions and lists say it. */
export function markText(mark: TraceMark): string {
  if (mark.type === 'step') return mark.name;
  const key = mark.key === '' ? '' : ` ${mark.key}`;
  return `${rowPlace({ index: mark.index, line: mark.line ?? null })}${key}: ${mark.message ?? mark.status}`;
}

/** Whether a mark shows a problem. */
export function isProblem(mark: TraceMark): boolean {
  return mark.type === 'row' && (mark.status === 'failed' || mark.status === 'invalid');
}
