import { RotateCw } from 'lucide-react';

import { Button } from '../ui/button.tsx';

/** Asks once more for what could not be had. */
export function RetryButton({ onRetry }: { onRetry: () => void }) {
  return (
    <Button size="small" onClick={onRetry}>
      <RotateCw aria-hidden /> Try again
    </Button>
  );
}
