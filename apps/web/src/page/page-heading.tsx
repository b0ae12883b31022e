import { type ReactNode, useEffect, useRef } from 'react';

import { offerHeading } from './heading-focus.ts';

/** The heading of a page, which is also its title in the tab, and takes the focus after a change of page. */
export function PageHeading({
  title,
  tabTitle = title,
  children,
  description,
}: {
  title: string;
  /** The title of the tab, where it should say more. */
  tabTitle?: string;
  /** Stands at the end of the line: actions. */
  children?: ReactNode;
  description?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => offerHeading(heading.current), []);
  return (
    <>
      <title>{`${tabTitle} · Gantry`}</title>
      <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1
            ref={heading}
            tabIndex={-1}
            className="text-xl font-semibold tracking-tight text-balance wrap-anywhere"
          >
            {title}
          </h1>
          {description && <div className="mt-1 max-w-2xl text-ink-soft">{description}</div>}
        </div>
        {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
      </div>
    </>
  );
}
