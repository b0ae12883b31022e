export { applyMigrations } from './apply-migrations.ts';
export { type AuthOptions, registerAuth } from './auth/register-auth.ts';
export { isLoopback } from './demo-accounts.ts';
export { DEMO_ACCOUNTS } from './demo-passwords.ts';
export { EmbeddedError, type EmbeddedErrorCode } from './errors.ts';
export { openDatabase } from './open-database.ts';
export { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from './open-embedded.ts';
export { setAccount } from './set-account.ts';
export { loadSigningKey, type SigningKey } from './signing-key.ts';
