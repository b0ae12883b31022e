import type { Service } from '@gantry/client';
import { useServices } from '@gantry/react';
import { Link } from '@tanstack/react-router';
import { ArrowRight, PackageOpen } from 'lucide-react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { RecentJobs } from '../job-list/recent-jobs.tsx';
import { acceptedFileText } from '../list-file/accepted-file-text.ts';
import { readFileSpec } from '../list-file/file-spec.ts';
import { PageHeading } from '../page/page-heading.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';

/** The first page: what can be run. */
export function ServicesPage() {
  const services = useServices();
  return (
    <>
      <PageHeading
        title="What should run?"
        description="Choose a service, hand it your list, and watch it work."
      />
      {services.error ? (
        <ErrorPanel error={services.error} onRetry={() => void services.refetch()} />
      ) : services.data ? (
        <ServiceGroups services={services.data.filter((service) => service.isEnabled)} />
      ) : (
        <SkeletonList label="Loading the services…" rows={2} className="h-32 sm:w-88" />
      )}
      <RecentJobs />
    </>
  );
}

function ServiceGroups({ services }: { services: Service[] }) {
  if (services.length === 0) {
    return (
      <Panel>
        <EmptyState icon={PackageOpen} title="No service is on offer yet">
          Services appear here as soon as the first worker has started. Start one, or ask the person who runs
          Gantry here.
        </EmptyState>
      </Panel>
    );
  }
  const groups = Map.groupBy(services, (service) => service.category);
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-8">
      {[...groups].map(([category, members]) => (
        <section key={category} aria-label={category} className="max-sm:w-full">
          <h2 className="mb-3 text-sm font-semibold">{category}</h2>
          <ul className="flex flex-wrap gap-4">
            {members.map((service) => (
              <li key={service.id} className="w-full sm:w-88">
                <ServiceCard service={service} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function ServiceCard({ service }: { service: Service }) {
  const spec = readFileSpec(service.acceptedFiles);
  return (
    <Link
      to="/services/$serviceId"
      params={{ serviceId: service.id }}
      className="group flex h-full flex-col rounded-lg border border-line bg-surface p-4 transition-colors hover:border-line-strong"
    >
      <span className="flex items-start justify-between gap-3 text-[0.9375rem] font-semibold">
        {service.name}
        <ArrowRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-ink-faint transition-transform group-hover:translate-x-0.5"
        />
      </span>
      <span className="mt-1 mb-4 text-ink-soft">{service.description}</span>
      <span className="mt-auto text-[0.8125rem] text-ink-faint">
        {spec ? acceptedFileText(spec) : 'No file needed'}
      </span>
    </Link>
  );
}
