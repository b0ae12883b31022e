export { createTestDatabase, type TestDatabase } from './create-test-database.ts';
export { fillDataDir } from './fill-data-dir.ts';
