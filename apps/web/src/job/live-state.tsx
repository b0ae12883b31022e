import { isFinished, type JobStatusView } from '@gantry/client';
import { Radio, RefreshCw, WifiOff } from 'lucide-react';

/** Whether what is on the page is the state of this second. */
export function LiveState({
  job,
  connection,
}: {
  job: JobStatusView;
  connection: 'live' | 'reconnecting' | 'offline';
}) {
  if (isFinished(job.status)) return null;
  const { icon: Icon, text, className } = LOOKS[connection];
  return (
    <span className={`inline-flex items-center gap-1.5 text-[0.8125rem] ${className}`}>
      <Icon aria-hidden className="size-3.5" />
      {text}
    </span>
  );
}

const LOOKS = {
  live: { icon: Radio, text: 'Live', className: 'text-good' },
  reconnecting: { icon: RefreshCw, text: 'Connecting…', className: 'text-ink-faint' },
  offline: { icon: WifiOff, text: 'Not connected; shows the last known state', className: 'text-warn' },
} as const;
