import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useState } from 'react';

import { explainError } from '../errors/explain-error.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Jobs that were counted; null while that is not known. */
type Counted = { count: number; selection: string };

/**
 * Does something to all jobs of a filter: counts them when it is pressed, asks with their number, and then acts on those
 * that were counted.
 */
export function ChangeManyButton({
  trigger,
  queryKey,
  countJobs,
  title,
  describe,
  filterText,
  confirmLabel,
  dismissLabel,
  confirmLook,
  onConfirm,
}: {
  trigger: ReactElement;
  queryKey: readonly unknown[];
  countJobs: () => Promise<Counted>;
  title: string;
  /** What will happen to so many. */
  describe: (count: number) => string;
  /** Which jobs are meant; empty for all. */
  filterText: string;
  /** What the button does, to so many. */
  confirmLabel: (count: number) => string;
  dismissLabel: string;
  confirmLook: 'danger' | 'primary';
  onConfirm: (selection: string) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const counted = useQuery({ queryKey, queryFn: countJobs, enabled: isOpen, gcTime: 0, retry: false });
  const found = counted.isFetching ? undefined : counted.data;
  return (
    <ConfirmDialog
      trigger={trigger}
      title={title}
      confirmLabel={confirmLabel(found?.count ?? 0)}
      dismissLabel={dismissLabel}
      confirmLook={confirmLook}
      isDisabled={!found || found.count === 0}
      onOpenChange={setIsOpen}
      onConfirm={() => found && onConfirm(found.selection)}
    >
      <p className="mb-1 font-medium text-ink">
        {filterText === '' ? 'No filter is set.' : `Filter: ${filterText}.`}
      </p>
      <output className="block">
        {counted.error
          ? explainError(counted.error).message
          : found
            ? found.count === 0
              ? 'There is no such job in this list.'
              : describe(found.count)
            : 'Counting…'}
      </output>
    </ConfirmDialog>
  );
}
