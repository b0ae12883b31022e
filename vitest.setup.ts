import { vi } from 'vitest';

// Vitest has a setting for the time that expect.poll waits and none for vi.waitFor, whose one second asserts speed.
const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: 60_000, ...options });
