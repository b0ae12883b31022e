import type { ReactNode } from 'react';

import { CraneMark } from '../page/crane-mark.tsx';
import { Panel } from '../ui/panel.tsx';

/** The frame of the pages before sign-in. */
export function AuthLayout({
  title,
  footer,
  children,
}: {
  title: string;
  footer: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mx-auto grid max-w-md gap-6 pt-4 sm:pt-12">
      <title>{`${title} · Gantry`}</title>
      <div className="grid justify-items-center gap-3 text-center">
        <CraneMark className="size-12" />
        <div>
          <h1 tabIndex={-1} className="text-xl font-semibold tracking-tight">
            {title}
          </h1>
          <p className="mt-1 text-ink-soft">
            Hand over a list, watch the browser work, take the answers home.
          </p>
        </div>
      </div>
      <Panel className="grid gap-5 p-5 sm:p-6">{children}</Panel>
      <p className="text-center text-ink-soft">{footer}</p>
    </div>
  );
}
