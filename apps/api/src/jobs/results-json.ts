import type { JobResults } from '@gantry/core';

/** Results on the wire: with the URL of each file, without its storage key. */
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
