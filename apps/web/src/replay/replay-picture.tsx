import { memo } from 'react';

import { showBytes } from '../format/show-bytes.ts';
import type { TraceFrame } from './read-trace.ts';

/** What the browser showed, with a caption that screen readers hear as it changes. */
export const ReplayPicture = memo(function ReplayPicture({
  frame,
  caption,
}: {
  frame: TraceFrame | undefined;
  caption: string;
}) {
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-sunken">
      {frame ? (
        <img
          ref={showBytes(frame.jpeg)}
          alt={`What the browser showed: ${caption}`}
          className="mx-auto max-h-[34rem] w-full object-contain"
        />
      ) : (
        <p className="px-4 py-16 text-center text-ink-soft">No picture was taken in this run.</p>
      )}
      <figcaption className="flex min-h-9 items-center gap-2 border-t border-line px-3 py-1.5 text-[0.8125rem]">
        <output className="min-w-0 break-words">{caption}</output>
        {frame && frame.page > 1 && (
          <span className="ml-auto shrink-0 text-ink-faint">Window {frame.page}</span>
        )}
      </figcaption>
    </figure>
  );
});
