/** @file Tests run in forked processes: onnxruntime-node fails in vm contexts and may crash with several workers in one process. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest keeps one processor free for a person at work; on a board or in CI with two that would halve the speed.
    maxWorkers: '100%',
    // They end what hangs, and no more: how long work takes on a busy machine says nothing.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    globalSetup: ['test/sample-data-notice.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  },
});
