/** Accounts with published passwords: for a first look on one's own machine, and nowhere else. */
export const DEMO_ACCOUNTS = [
  { email: 'demo@gantry.local', password: 'gantry-demo', role: null },
  { email: 'admin@gantry.local', password: 'gantry-admin', role: 'admin' },
] as const;

/** Users may not choose these: such an account would stop the next start on a public address. */
export const DEMO_PASSWORDS: string[] = DEMO_ACCOUNTS.map(({ password }) => password);
