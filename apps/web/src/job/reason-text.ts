const TEXTS: Record<string, string> = {
  'cancelled by owner': 'Its owner cancelled it.',
  'cancelled by admin': 'An administrator cancelled it.',
  'retried by owner': 'Its owner started it again.',
  'retried by admin': 'An administrator started it again.',
  'worker lost': 'Its worker was lost.',
  released: 'Its worker shut down and gave it back; this attempt does not count.',
  'permanent error': 'Trying again would end the same way.',
  'dependency failed': 'A job that it runs after did not complete.',
  retry: 'It is tried again after a pause.',
  claimed: 'A worker took it.',
};

/** Why a job is in its state, in a sentence; reasons that this page does not know as they are. */
export function reasonText(reason: string): string {
  return TEXTS[reason] ?? reason;
}
