/** The tabs of a job's page. */
export const JOB_VIEWS = ['rows', 'log', 'files', 'attempts'] as const;

/** One of the tabs. */
export type JobView = (typeof JOB_VIEWS)[number];
