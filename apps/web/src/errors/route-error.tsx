import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';

import { PageHeading } from '../page/page-heading.tsx';
import { ErrorPanel } from './error-panel.tsx';

/** Stands in for a page that threw while it was drawn or loaded. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <>
      <PageHeading title="This page could not be shown" />
      <ErrorPanel
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </>
  );
}
