import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import { cn } from './cn.ts';

const TONES = {
  info: { icon: Info, className: 'border-accent/30 bg-accent-wash', iconClassName: 'text-accent' },
  good: { icon: CircleCheck, className: 'border-good/30 bg-good-wash', iconClassName: 'text-good' },
  warn: { icon: TriangleAlert, className: 'border-warn/30 bg-warn-wash', iconClassName: 'text-warn' },
  bad: { icon: CircleAlert, className: 'border-bad/30 bg-bad-wash', iconClassName: 'text-bad' },
} as const;

/** A message in the page: an icon and words, never colour alone. */
export function Notice({
  tone,
  title,
  children,
  action,
  isAlert = false,
}: {
  tone: keyof typeof TONES;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  /** Read out at once; for what the user just caused. */
  isAlert?: boolean;
}) {
  const { icon: Icon, className, iconClassName } = TONES[tone];
  return (
    <div
      role={isAlert ? 'alert' : undefined}
      className={cn('flex gap-3 rounded-lg border px-4 py-3', className)}
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', iconClassName)} />
      {/* On a phone the action has a line of its own. */}
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-3 gap-y-2.5">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium">{title}</p>
          {children && <div className="mt-0.5 text-ink-soft">{children}</div>}
        </div>
        {action}
      </div>
    </div>
  );
}
