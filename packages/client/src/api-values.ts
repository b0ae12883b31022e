import type { AppRouter } from '@gantry/api';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;

/** A job and its position in its queue. */
export type JobStatusView = Outputs['jobs']['status'];

/** A job. */
export type Job = Outputs['jobs']['list']['jobs'][number];

/** The five states of a job. */
export type JobStatus = Job['status'];

/** One entry of a job's history. */
export type JobEvent = Outputs['jobs']['events'][number];

/** What a job found. */
export type JobResults = Outputs['jobs']['results'];

/** The answer for one row of the uploaded file. */
export type RowResult = JobResults['rows'][number];

/** A file that a job made. */
export type Artifact = JobResults['artifacts'][number];

/** A service that can be picked. */
export type Service = Outputs['services']['get'];

/** A column of what a service answers for each row, in the order of the service. */
export type AnswerColumn = Service['answerColumns'][number];

/** Figures of the whole queue. */
export type QueueInfo = Outputs['queue']['info'];

/** A worker, as admins see it. */
export type Worker = Outputs['admin']['workers'][number];

/** A page of jobs. */
export type JobPage = Outputs['jobs']['list'];

/** A submitted job and its position. */
export type Submitted = Outputs['jobs']['submit'];

/** What became of each of many submissions, in their order. */
export type SubmittedMany = Outputs['jobs']['submitMany'];

/** What a job runs after, and what runs after it. */
export type JobDependencies = Outputs['jobs']['dependencies'];

/** An attempt that has ended, and what it and its browser took. */
export type Attempt = Outputs['jobs']['attempts'][number];

/** What a job was submitted with. */
export type JobInput = Outputs['jobs']['input'];

/** What is to be different when a job is run again. */
export type RerunChange = Omit<Inputs['jobs']['rerun'], 'jobId'>;

/** How many jobs a filter selects, and the word by which just these can be cancelled or retried. */
export type JobSelection = Outputs['jobs']['countCancellable'];

/** Which of the caller's jobs, without pages. */
export type JobCondition = Inputs['jobs']['countCancellable'];

/** Which of everybody's jobs, without pages. */
export type AdminJobCondition = Inputs['admin']['countCancellable'];

/** Which of the caller's jobs. */
export type JobFilter = Inputs['jobs']['list'];

/** Which of everybody's jobs. */
export type AdminJobFilter = Inputs['admin']['jobs'];

/** A queue, as admins see it. */
export type Queue = Outputs['admin']['queues']['list'][number];

/** What makes a queue. */
export type NewQueue = Inputs['admin']['queues']['create'];

/** What an admin changes about a queue. */
export type QueueSettings = Inputs['admin']['queues']['update'];

/** A schedule: what is submitted again and again, and when. */
export type Schedule = Outputs['schedules']['list']['schedules'][number];

/** A schedule with what became of its last occurrences. */
export type ScheduleWithOccurrences = Outputs['schedules']['get'];

/** What became of an occurrence of a schedule. */
export type ScheduleOccurrence = ScheduleWithOccurrences['occurrences'][number];

/** What makes a schedule. */
export type NewSchedule = Inputs['schedules']['create'];

/** What is to be different about a schedule. */
export type ScheduleChange = Omit<Inputs['schedules']['update'], 'scheduleId'>;

/** Which page of the caller's schedules. */
export type ScheduleFilter = Inputs['schedules']['list'];

/** Which of everybody's schedules. */
export type AdminScheduleFilter = Inputs['admin']['schedules'];

/** What a cleanup did. */
export type CleanupResult = Outputs['admin']['cleanup'];
