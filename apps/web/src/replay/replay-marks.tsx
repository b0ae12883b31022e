import { memo, useEffect, useMemo, useRef, useState } from 'react';

import { FilterChips } from '../ui/filter-chips.tsx';
import { formatClock } from './format-clock.ts';
import { isProblem, markText } from './mark-text.ts';
import type { TraceMark } from './read-trace.ts';

const FILTERS = {
  all: () => true,
  rows: (mark: TraceMark) => mark.type === 'row',
  problems: isProblem,
};

/** The steps and rows of a run; choosing one goes there. */
export const ReplayMarks = memo(function ReplayMarks({
  marks,
  current,
  onSeek,
}: {
  marks: readonly TraceMark[];
  /** The one that holds now; -1 before the first. */
  current: number;
  onSeek: (atMs: number) => void;
}) {
  const [filter, setFilter] = useState<keyof typeof FILTERS>('all');
  const list = useRef<HTMLOListElement>(null);
  const shown = useMemo(
    () => marks.map((mark, index) => ({ mark, index })).filter(({ mark }) => FILTERS[filter](mark)),
    [marks, filter],
  );
  const place = shown.findLastIndex(({ index }) => index <= current);
  useEffect(() => {
    // Only the list moves, never the page around it.
    const item = list.current?.children[place];
    if (!list.current || !(item instanceof HTMLElement)) return;
    const { offsetTop, offsetHeight } = item;
    const { scrollTop, clientHeight } = list.current;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight)
      list.current.scrollTop = offsetTop - clientHeight / 3;
  }, [place]);
  if (marks.length === 0) return <p className="text-ink-soft">This run reported no steps and no rows.</p>;
  return (
    <section aria-label="Steps and rows" className="grid min-h-0 content-start gap-2">
      <FilterChips
        label="Marks shown"
        value={filter}
        onChange={setFilter}
        choices={[
          { value: 'all', label: 'All' },
          { value: 'rows', label: 'Rows', count: marks.filter(FILTERS.rows).length },
          { value: 'problems', label: 'Problems', count: marks.filter(isProblem).length },
        ]}
      />
      <ol
        ref={list}
        className="relative max-h-72 overflow-y-auto rounded-md border border-line lg:max-h-[34rem]"
      >
        {shown.map(({ mark, index }, position) => (
          <MarkLine key={index} mark={mark} isCurrent={position === place} onSeek={onSeek} />
        ))}
      </ol>
    </section>
  );
});

const MarkLine = memo(function MarkLine({
  mark,
  isCurrent,
  onSeek,
}: {
  mark: TraceMark;
  isCurrent: boolean;
  onSeek: (atMs: number) => void;
}) {
  return (
    <li className="border-b border-line last:border-0">
      <button
        type="button"
        aria-current={isCurrent ? 'step' : undefined}
        onClick={() => onSeek(mark.atMs)}
        className="grid w-full grid-cols-[3.25rem_minmax(0,1fr)] gap-2 border-l-2 border-transparent px-2.5 py-2 text-left text-[0.8125rem] -outline-offset-2 hover:bg-hover aria-[current]:border-accent aria-[current]:bg-accent-wash"
      >
        <span className="tabular text-ink-faint">{formatClock(mark.atMs)}</span>
        <span
          className={`break-words ${isProblem(mark) ? 'text-bad' : mark.type === 'step' ? 'text-ink-soft' : ''}`}
        >
          {markText(mark)}
        </span>
      </button>
    </li>
  );
});
