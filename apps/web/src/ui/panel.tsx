import type { ComponentProps, ReactNode } from 'react';

import { cn } from './cn.ts';

/** A bordered surface. */
export function Panel({ className, ...rest }: ComponentProps<'section'>) {
  return <section className={cn('rounded-lg border border-line bg-surface', className)} {...rest} />;
}

/** The title line of a panel, with room for actions at its end. */
export function PanelHeader({
  title,
  id,
  children,
}: {
  title: ReactNode;
  /** Given when the panel is labelled by its title. */
  id?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2">
      <h2 id={id} className="text-sm font-semibold">
        {title}
      </h2>
      {children}
    </header>
  );
}
