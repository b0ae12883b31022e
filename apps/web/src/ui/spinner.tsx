import { LoaderCircle } from 'lucide-react';

import { cn } from './cn.ts';

/** Shows activity; decorative, since the text beside it names it. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />;
}
