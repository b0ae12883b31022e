import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactElement, ReactNode } from 'react';

import { buttonStyle } from './button.tsx';

/** Asks before something that is not undone easily. The safe answer has the focus. */
export function ConfirmDialog({
  trigger,
  title,
  children,
  confirmLabel,
  dismissLabel,
  confirmLook = 'danger',
  isDisabled = false,
  onOpenChange,
  onConfirm,
}: {
  trigger: ReactElement;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  dismissLabel: string;
  /** `primary` where nothing is lost. */
  confirmLook?: 'danger' | 'primary';
  /** There is nothing to confirm yet. */
  isDisabled?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  onConfirm: () => void;
}) {
  return (
    <AlertDialog.Root onOpenChange={onOpenChange}>
      <AlertDialog.Trigger render={trigger} />
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 bg-black/45 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 w-[min(26rem,calc(100vw-2rem))] -translate-1/2 rounded-xl border border-line bg-raised p-5 shadow-float transition-[opacity,scale] data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0">
          <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="mt-2 text-ink-soft">
            {children}
          </AlertDialog.Description>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <AlertDialog.Close className={buttonStyle()}>{dismissLabel}</AlertDialog.Close>
            <AlertDialog.Close
              className={buttonStyle({ look: confirmLook })}
              disabled={isDisabled}
              onClick={onConfirm}
            >
              {confirmLabel}
            </AlertDialog.Close>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
