import { isFinished, type JobStatusView, type LiveState } from '@gantry/client';
import { useIsTabShown, useLiveFrame } from '@gantry/react';
import { Maximize2, Minimize2, MonitorPlay } from 'lucide-react';
import { useRef } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { LivePicture } from './live-picture.tsx';
import { PauseButton } from './pause-button.tsx';
import { useFullScreen } from './use-full-screen.ts';
import { useIsSeen } from './use-is-seen.ts';
import { useLiveTurn } from './use-live-turn.ts';
import { usePause } from './use-pause.ts';

/** The page that a job works on, as it is now; after the end the last picture, folded away. Pictures are sent only while they are visible. */
export function LivePanel({ job }: { job: JobStatusView }) {
  const panel = useRef<HTMLElement>(null);
  const { isPaused, toggle } = usePause();
  const isSeen = useIsSeen(panel);
  const fullScreen = useFullScreen(panel);
  const isRunning = job.status === 'processing';
  const wants = isRunning && isSeen && !isPaused;
  const hasTurn = useLiveTurn({ isOpen: useIsTabShown() && !isFinished(job.status), wants });
  const { frame, state, error } = useLiveFrame(job.id, { isOn: wants && hasTurn });
  const text = textOf({ job, state, isPaused, hasTurn, hasFrame: frame !== null });
  const picture = (
    <div className="relative grid min-h-0 flex-1 place-items-center bg-sunken">
      {frame ? (
        <LivePicture
          frame={frame}
          label="The page that the browser shows"
          className={cn(
            'w-full transition-opacity',
            fullScreen.isFull ? 'h-full' : 'max-h-[min(28rem,60vh)]',
            text.isStill && 'opacity-60',
          )}
        />
      ) : (
        <div className="grid aspect-[4/3] max-h-[min(28rem,60vh)] w-full place-items-center">
          <MonitorPlay aria-hidden className="size-8 text-line-strong" />
        </div>
      )}
      <output
        className={cn(
          'absolute bottom-3 left-3 inline-flex items-center gap-2 rounded-full border border-line bg-surface px-2.5 py-1 text-[0.8125rem] shadow-float',
        )}
      >
        <span
          aria-hidden
          className={cn('size-2 rounded-full', text.isStill ? 'bg-line-strong' : 'bg-good')}
        />
        {text.words}
      </output>
    </div>
  );
  // What the job found comes next on the page, and matters more now.
  if (isFinished(job.status) && !fullScreen.isFull) {
    return (
      <Panel ref={panel} aria-label="Live view" hidden={!frame} className="overflow-hidden">
        <details>
          <summary className="cursor-pointer px-4 py-3 text-ink-soft hover:text-ink">
            Last picture of the live view
          </summary>
          {picture}
        </details>
      </Panel>
    );
  }
  return (
    <Panel
      ref={panel}
      aria-labelledby="live-title"
      hidden={!isRunning && !frame}
      className={cn('overflow-hidden', fullScreen.isFull && 'flex flex-col rounded-none border-0')}
    >
      <PanelHeader id="live-title" title="Live view">
        {isRunning && (
          <div className="-mr-2 flex gap-1">
            <PauseButton isPaused={isPaused} onToggle={toggle} />
            {fullScreen.isPossible && (
              <Button look="quiet" size="small" onClick={fullScreen.toggle}>
                {fullScreen.isFull ? <Minimize2 aria-hidden /> : <Maximize2 aria-hidden />}
                <span className={cn(!fullScreen.isFull && 'max-sm:sr-only')}>
                  {fullScreen.isFull ? 'Leave full screen' : 'Full screen'}
                </span>
              </Button>
            )}
          </div>
        )}
      </PanelHeader>
      {error ? (
        <div className="p-4">
          <ErrorPanel error={error} />
        </div>
      ) : (
        picture
      )}
    </Panel>
  );
}

/** What is to be said of the picture: never that something is live which is not. */
function textOf(o: {
  job: JobStatusView;
  state: LiveState;
  isPaused: boolean;
  hasTurn: boolean;
  hasFrame: boolean;
}) {
  const { job, state, isPaused, hasTurn, hasFrame } = o;
  const still = (words: string) => ({ words, isStill: true });
  if (job.status === 'pending') return still('Waiting for the next attempt');
  if (job.status !== 'processing') return still('The run has ended');
  if (isPaused) return still('Pictures frozen');
  if (!hasTurn) return still('Other windows are live. Click here to go on');
  if (state === 'live' && hasFrame) return { words: 'Shows the page as it is', isStill: false };
  return still(hasFrame ? 'Reconnecting…' : 'Waiting for the page…');
}
