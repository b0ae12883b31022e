import type { OnFailure } from '@gantry/contract';
import type { Db } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';
import {
  type NewDependency,
  type NewJob,
  type SubmitOptions,
  type Submitted,
  submitJobs,
} from './submit-job.ts';

/** An earlier or later job of the same list, by its place in it (from 0). */
export type ListedDependency = { index: number; onFailure?: OnFailure | undefined };

/** A job of a list. It may run after others of the list. */
export type ListedJob = Omit<NewJob, 'dependsOn'> & {
  dependsOn?: (NewDependency | ListedDependency)[] | undefined;
};

/** What became of a job of a list. */
export type ListOutcome = Submitted | GantryError;

/**
 * Submits a list of jobs, each for itself, in as many statements as the longest chain among them has links. Not inside a
 * transaction: a statement that fails is tried again in parts.
 *
 * @param jobs an error takes the place of a job that was refused before: others may name its index
 * @returns for each job, in their order, what became of it. Beside what `submitJobs` refuses: DEPENDENCY_CYCLE for jobs
 *   that would wait for themselves, DEPENDENCY_NOT_FOUND for those that run after a refused one, and VALUE_INVALID
 */
export async function submitList(
  db: Db,
  jobs: (ListedJob | GantryError)[],
  o: SubmitOptions = {},
): Promise<ListOutcome[]> {
  const outcomes = new Map<number, ListOutcome>();
  const waiting = new Map<number, ListedJob>();
  for (const [index, job] of jobs.entries()) {
    if (job instanceof GantryError) outcomes.set(index, job);
    else waiting.set(index, job);
  }
  const settle = (index: number, outcome: ListOutcome) => {
    outcomes.set(index, outcome);
    waiting.delete(index);
  };
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, job]) => !listedIn(job).some((other) => waiting.has(other)));
    if (ready.length === 0) {
      const cycle = findCycle(waiting);
      for (const index of cycle) settle(index, cycleError(cycle));
    }
    const linked: { index: number; job: NewJob }[] = [];
    for (const [index, listed] of ready) {
      const job = linkTo(listed, outcomes);
      if (job instanceof GantryError) settle(index, job);
      else linked.push({ index, job });
    }
    const submitted = await submitInParts(
      db,
      linked.map(({ job }) => job),
      o,
    );
    for (const [n, outcome] of submitted.entries()) settle(linked[n]?.index ?? -1, outcome);
  }
  return [...outcomes].toSorted(([a], [b]) => a - b).map(([, outcome]) => outcome);
}

function listedIn(job: ListedJob): number[] {
  return (job.dependsOn ?? []).flatMap((other) => ('index' in other ? [other.index] : []));
}

/** The job with ids in the place of indices, or why it cannot be. */
function linkTo(job: ListedJob, outcomes: Map<number, ListOutcome>): NewJob | GantryError {
  const { dependsOn, ...rest } = job;
  if (!dependsOn) return rest;
  const links: NewDependency[] = [];
  for (const other of dependsOn) {
    if ('jobId' in other) links.push(other);
    else {
      const outcome = outcomes.get(other.index);
      if (!outcome || outcome instanceof GantryError) return new GantryError('DEPENDENCY_NOT_FOUND');
      links.push({ jobId: outcome.jobId, onFailure: other.onFailure });
    }
  }
  return { ...rest, dependsOn: links };
}

/** A cycle among jobs of which each waits for another. */
function findCycle(waiting: Map<number, ListedJob>): number[] {
  const path: number[] = [];
  let [at] = waiting.entries();
  while (at && !path.includes(at[0])) {
    path.push(at[0]);
    const next = listedIn(at[1]).find((other) => waiting.has(other));
    const job = next === undefined ? undefined : waiting.get(next);
    at = next === undefined || !job ? undefined : [next, job];
  }
  return at ? path.slice(path.indexOf(at[0])) : path;
}

function cycleError(cycle: number[]): GantryError {
  const names = [...cycle, ...cycle.slice(0, 1)].join(' after ');
  return new GantryError(
    'DEPENDENCY_CYCLE',
    `These jobs of the list would wait for each other for ever: ${names}. Leave one of these dependencies out.`,
  );
}

/** One value that cannot be stored spoils a whole statement: then each half is submitted for itself. */
async function submitInParts(db: Db, jobs: NewJob[], o: SubmitOptions): Promise<(Submitted | GantryError)[]> {
  if (jobs.length === 0) return [];
  try {
    return await submitJobs(db, jobs, o);
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'VALUE_INVALID') throw error;
    if (jobs.length === 1) return [error];
    const middle = Math.ceil(jobs.length / 2);
    return [
      ...(await submitInParts(db, jobs.slice(0, middle), o)),
      ...(await submitInParts(db, jobs.slice(middle), o)),
    ];
  }
}
