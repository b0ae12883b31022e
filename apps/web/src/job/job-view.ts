/** The tabs of a job's page. */
export const JOB_VIEWS = ['rows', 'log', 'files', 'attempts', 'replay'] as const;

/** One of the tabs. */
export type JobView = (typeof JOB_VIEWS)[number];
