import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';

import { cn } from './cn.ts';

/** The look of a button, also for links that act as one. */
export const buttonStyle = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-primary text-on-primary not-disabled:hover:bg-primary-hover',
        outline: 'border border-line bg-surface text-ink not-disabled:hover:bg-hover',
        quiet: 'text-ink-soft not-disabled:hover:bg-hover not-disabled:hover:text-ink',
        destructive: 'border border-bad/40 bg-surface text-bad not-disabled:hover:bg-bad-wash',
        danger: 'bg-bad-solid text-white not-disabled:hover:brightness-110',
      },
      size: {
        small: 'h-8 px-2.5 text-[0.8125rem]',
        medium: 'h-9 px-3.5',
        large: 'h-11 px-5 text-[0.9375rem]',
        icon: 'size-9',
      },
    },
    defaultVariants: { look: 'outline', size: 'medium' },
  },
);

/** A button that never submits a form by accident. */
export function Button({
  look,
  size,
  className,
  type = 'button',
  ...rest
}: ComponentProps<'button'> & VariantProps<typeof buttonStyle>) {
  return <button type={type} className={cn(buttonStyle({ look, size }), className)} {...rest} />;
}
