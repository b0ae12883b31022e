/** Default periods and limits, in milliseconds. */
export const DEFAULTS = {
  /** How long an attempt stays with its worker without a heartbeat. */
  leaseMs: 30_000,
  heartbeatIntervalMs: 10_000,
  /** The net under notifications. */
  pollIntervalMs: 5_000,
  /** How long a worker's database session may be gone before its jobs go to others. */
  sessionGraceMs: 2_000,
  /** A worker that has said nothing for so long is given up, whatever its session says. */
  stuckAfterMs: 600_000,
  rescueIntervalMs: 1_000,
  /** How long a request waits for a lock in the database, such as that of a migration, before it is refused. */
  lockTimeoutMs: 5_000,
  /** How late a schedule may be noticed that another process has just made. */
  scheduleIntervalMs: 1_000,
  expireIntervalMs: 60_000,
  /** Looking through all stored files is dear, and nothing waits for it. */
  sweepIntervalMs: 3_600_000,
  backoffMs: 5_000,
  maxBackoffMs: 600_000,
  resultTtlMs: 7 * 24 * 3_600_000,
  /** An upload that no job uses, and a file that no row knows, may be this old. */
  orphanAgeMs: 24 * 3_600_000,
} as const;
