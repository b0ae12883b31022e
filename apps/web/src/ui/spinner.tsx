import { LoaderCircle } from 'lucide-react';

import { cn } from './cn.ts';

/** Says that something is under way; decorative, the text beside it tells what. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />;
}
