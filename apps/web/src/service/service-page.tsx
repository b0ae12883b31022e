import type { Service } from '@gantry/client';
import { useServices } from '@gantry/react';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, PackageX } from 'lucide-react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { readFileSpec } from '../list-file/file-spec.ts';
import { PageHeading } from '../page/page-heading.tsx';
import { PageLoading } from '../page/page-loading.tsx';
import { buttonStyle } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { ServiceFacts } from './service-facts.tsx';
import { SubmitForm } from './submit-form.tsx';

/** A service: what it does, and the form that starts a job of it. */
export function ServicePage() {
  const { serviceId } = useParams({ from: '/member/services/$serviceId' });
  const services = useServices();
  const service = services.data?.find((candidate) => candidate.id === serviceId);
  if (services.error) {
    return (
      <>
        <PageHeading title="Service" />
        <ErrorPanel error={services.error} onRetry={() => void services.refetch()} />
      </>
    );
  }
  if (!services.data) return <PageLoading />;
  return service ? <ServiceDetails service={service} /> : <ServiceMissing />;
}

function ServiceDetails({ service }: { service: Service }) {
  const spec = readFileSpec(service.acceptedFiles);
  return (
    <>
      <Link to="/" className="mb-3 inline-flex items-center gap-1.5 text-ink-soft hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" /> All services
      </Link>
      <PageHeading title={service.name} description={service.description} />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <SubmitForm service={service} spec={spec} />
        <ServiceFacts service={service} spec={spec} />
      </div>
    </>
  );
}

function ServiceMissing() {
  return (
    <>
      <PageHeading title="No such service" />
      <Panel>
        <EmptyState
          icon={PackageX}
          title="This service is not on offer"
          action={
            <Link to="/" className={buttonStyle({ look: 'primary' })}>
              See all services
            </Link>
          }
        >
          It may have been taken off the list, or no worker here can run it.
        </EmptyState>
      </Panel>
    </>
  );
}
