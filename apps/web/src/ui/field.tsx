import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';

import { cn } from './cn.ts';

/** The look of every text-like control. */
export const controlStyle =
  'w-full rounded-md border border-line-strong bg-surface px-3 text-ink placeholder:text-ink-faint disabled:opacity-60 aria-invalid:border-bad';

/** Label, control, hint and error, tied together for assistive technology. */
export function Field({
  label,
  hint,
  error,
  isRequired = false,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  isRequired?: boolean;
  /** Renders the control with the ids that connect it. */
  children: (control: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }) => ReactNode;
}) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [hint !== undefined && hintId, error !== undefined && errorId].filter(Boolean).join(' ');
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
        {!isRequired && <span className="font-normal text-ink-faint"> (optional)</span>}
      </label>
      {children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': error !== undefined,
      })}
      {hint !== undefined && (
        <p id={hintId} className="text-[0.8125rem] text-ink-faint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={errorId} className="text-[0.8125rem] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

/** A one-line text control. */
export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(controlStyle, 'h-9', className)} {...rest} />;
}

/** A control for several lines. */
export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cn(controlStyle, 'min-h-24 py-2', className)} {...rest} />;
}

/** The browser's own select, but for its arrow: known to everybody's fingers and screen readers. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative block h-9', className)}>
      <select className={cn(controlStyle, 'size-full appearance-none pr-9 text-ellipsis')} {...rest} />
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-ink-faint"
      />
    </span>
  );
}
