import { AlertDialog } from '@base-ui/react/alert-dialog';

import { count } from '../format/count.ts';
import { buttonStyle } from '../ui/button.tsx';

/** A service that is to go to another queue while jobs of it wait. */
export type Move = { queue: string | null; queueLabel: string; waiting: number };

/** Asks whether the waiting jobs of a service go to its new queue too. */
export function MoveWaitingDialog({
  serviceName,
  move,
  onChoose,
  onClose,
}: {
  serviceName: string;
  move: Move | null;
  onChoose: (moveWaiting: boolean) => void;
  onClose: () => void;
}) {
  return (
    <AlertDialog.Root open={move !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 bg-black/45" />
        {move && (
          <AlertDialog.Popup className="fixed top-1/2 left-1/2 w-[min(28rem,calc(100vw-2rem))] -translate-1/2 rounded-xl border border-line bg-raised p-5 shadow-float">
            <AlertDialog.Title className="text-base font-semibold">
              Move the {count(move.waiting, 'waiting job')} too?
            </AlertDialog.Title>
            <AlertDialog.Description className="mt-2 text-ink-soft">
              New jobs of “{serviceName}” go to {move.queueLabel}. {count(move.waiting, 'job')} of it{' '}
              {move.waiting === 1 ? 'waits' : 'wait'} in another queue. Jobs that are moved keep their age.
              Running jobs finish where they are.
            </AlertDialog.Description>
            <div className="mt-5 flex flex-wrap justify-end gap-2">
              <AlertDialog.Close className={buttonStyle()}>Cancel</AlertDialog.Close>
              <AlertDialog.Close className={buttonStyle()} onClick={() => onChoose(false)}>
                New jobs only
              </AlertDialog.Close>
              <AlertDialog.Close className={buttonStyle({ look: 'primary' })} onClick={() => onChoose(true)}>
                Move {count(move.waiting, 'job')} too
              </AlertDialog.Close>
            </div>
          </AlertDialog.Popup>
        )}
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
