import { Pause, Play } from 'lucide-react';

import { Button } from '../ui/button.tsx';

/** Stops and starts moving pictures. */
export function PauseButton({ isPaused, onToggle }: { isPaused: boolean; onToggle: () => void }) {
  const Icon = isPaused ? Play : Pause;
  return (
    <Button look="quiet" size="small" onClick={onToggle}>
      <Icon aria-hidden />
      {isPaused ? 'Resume pictures' : 'Freeze pictures'}
    </Button>
  );
}
