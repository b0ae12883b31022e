import type { JobDependencies, LinkedJob } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

/** Reads the dependencies of a job that the reader may see; of those that run after it, the first hundred. */
export async function getJobDependencies(db: Db, jobId: string): Promise<JobDependencies> {
  const rows = await runQuery<LinkedJob & { isDependent: boolean }>(db, {
    name: 'get-job-dependencies',
    text: `select d."isDependent", d.on_failure as "onFailure", d.is_open as "isOpen", j.id as "jobId", j.status, j.service_id as "serviceId",
        coalesce(s.name, j.service_id) as "serviceName", u.file_name as "fileName"
      from (
        select false as "isDependent", depends_on_job_id as job_id, on_failure, is_open
        from public.automation_job_dependencies where job_id = $1
        union all
        (select true, job_id, on_failure, is_open
        from public.automation_job_dependencies where depends_on_job_id = $1 order by job_id limit 100)
      ) d
      join public.automation_jobs j on j.id = d.job_id
      left join public.automation_services s on s.id = j.service_id
      left join public.automation_uploads u on u.id = j.upload_id
      order by j.seq`,
    values: [jobId],
  });
  const { no: dependsOn = [], yes: dependents = [] } = Object.groupBy(rows, (row) =>
    row.isDependent ? 'yes' : 'no',
  );
  return { dependsOn: dependsOn.map(toLinked), dependents: dependents.map(toLinked) };
}

function toLinked(row: LinkedJob): LinkedJob {
  const { jobId, serviceId, serviceName, fileName, status, onFailure, isOpen } = row;
  return { jobId, serviceId, serviceName, fileName, status, onFailure, isOpen };
}
