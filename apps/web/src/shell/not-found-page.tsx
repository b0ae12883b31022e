import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';

import { PageHeading } from '../page/page-heading.tsx';
import { buttonStyle } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <>
      <PageHeading title="Nothing at this address" />
      <Panel>
        <EmptyState
          icon={Compass}
          title="The page does not exist"
          action={
            <Link to="/" className={buttonStyle({ look: 'primary' })}>
              Go to the first page
            </Link>
          }
        >
          The address may be mistyped, or the job it named has expired.
        </EmptyState>
      </Panel>
    </>
  );
}
