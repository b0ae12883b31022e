export { type CheckedSheet, SheetPool, type Turn } from './sheet-pool.ts';
