import type { Server } from 'proxy-chain';

import { ChromeError } from '../chrome-error.ts';
import type { EgressPolicy } from './egress-policy.ts';

/** How often what has passed is compared with what may. A fast site gets some megabytes further. */
const INTERVAL_MS = 100;

/** What has passed through a proxy. */
export type Traffic = {
  /** Plain requests, and secure connections: what passes inside of those cannot be counted. */
  requests: number;
  /** Bytes that came for the browser. */
  bytesReceived: number;
  /** Bytes that the browser sent. */
  bytesSent: number;
};

/** Counts what passes through a proxy, and shuts it when that is more than the policy allows. */
export class TrafficMeter {
  readonly #server: Server;
  readonly #onOverBudget: (error: ChromeError) => void;
  #budget: Pick<EgressPolicy, 'maxBytes' | 'maxRequests'> = {};
  #timer: NodeJS.Timeout | undefined;
  #requests = 0;
  /** Of connections that were closed, less what had passed before the job. */
  #received = 0;
  #sent = 0;
  #isOver = false;

  constructor(server: Server, onOverBudget: (error: ChromeError) => void) {
    this.#server = server;
    this.#onOverBudget = onOverBudget;
    server.on('connectionClosed', ({ stats }: { stats: { srcTxBytes: number; srcRxBytes: number } }) => {
      this.#received += stats.srcTxBytes;
      this.#sent += stats.srcRxBytes;
    });
  }

  /** Counts from now on, for a job with this budget. */
  begin(budget: Pick<EgressPolicy, 'maxBytes' | 'maxRequests'>): void {
    const before = this.read();
    this.#received -= before.bytesReceived;
    this.#sent -= before.bytesSent;
    this.#budget = budget;
    if (budget.maxBytes !== undefined) this.#timer = setInterval(() => this.#check(), INTERVAL_MS).unref();
  }

  /** Counts a request that is about to be made. @throws {ChromeError} BUDGET_EXCEEDED if it is one too many */
  countRequest(): void {
    this.#requests += 1;
    this.#check();
    if (this.#isOver) throw overBudget();
  }

  read(): Traffic {
    const sockets = [...this.#server.connections.values()];
    return {
      requests: this.#requests,
      bytesReceived: this.#received + sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
      bytesSent: this.#sent + sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    };
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { requests, bytesReceived, bytesSent } = this.read();
    const { maxBytes = Infinity, maxRequests = Infinity } = this.#budget;
    if (this.#isOver || (requests <= maxRequests && bytesReceived + bytesSent <= maxBytes)) return;
    this.#isOver = true;
    this.end();
    this.#onOverBudget(overBudget());
    this.#server.closeConnections();
  }
}

/** What a job is ended with whose pages transfer too much. */
export function overBudget(): ChromeError {
  return new ChromeError(
    'BUDGET_EXCEEDED',
    'The pages of this job transferred more than one job may. Split it into smaller jobs.',
  );
}
