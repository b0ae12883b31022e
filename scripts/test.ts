// `pnpm test`: everything that must hold before a change goes in.
import { spawnSync } from 'node:child_process';

/** Lint and types are checked beside each other. */
const STEPS = ['/^(lint|typecheck)$/', 'test:unit', 'test:e2e'];

const failed = STEPS.find((step) => spawnSync('pnpm', ['run', step], { stdio: 'inherit' }).status !== 0);
process.exitCode = failed === undefined ? 0 : 1;
