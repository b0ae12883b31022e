import { toast } from 'sonner';

import { explainError } from './explain-error.ts';

/** Tells of an action that failed, without taking the page away. */
export function toastError(error: unknown): void {
  const { message, next, code } = explainError(error);
  toast.error(message, { description: [next, code].filter((part) => part !== null).join(' · ') });
}
