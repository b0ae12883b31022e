import type { JobResults } from '@gantry/core';

/** Results as they travel: where a file lies is nobody's business, only where it can be fetched. */
export function toResultsJson({ jobId, status, summary, rows, artifacts }: JobResults) {
  return {
    jobId,
    status,
    summary,
    rows,
    artifacts: artifacts.map(({ id, name, contentType, size, rowIndex, createdAt }) => ({
      id,
      name,
      contentType,
      size,
      rowIndex,
      createdAt,
      url: `/api/artifacts/${id}`,
    })),
  };
}
