import { Notice } from '../ui/notice.tsx';
import { explainError } from './explain-error.ts';
import { RetryButton } from './retry-button.tsx';

/** An error where the content would be: the message, what to do next, and the code in small print. */
export function ErrorPanel({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { message, next, code, requestId } = explainError(error);
  return (
    <Notice tone="bad" title={message} isAlert action={onRetry && <RetryButton onRetry={onRetry} />}>
      {next && <p>{next}</p>}
      <ErrorCode code={code} requestId={requestId} />
    </Notice>
  );
}

/** The small print of an error. */
export function ErrorCode({ code, requestId }: { code: string; requestId: string | null }) {
  return (
    <p className="mt-1 font-mono text-xs break-all text-ink-soft">
      {code}
      {requestId !== null && ` · request ${requestId}`}
    </p>
  );
}
