/** @file Tests run in forked processes: onnxruntime-node fails in vm contexts. The integration tests start the built agent, so build first. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest keeps one processor free for a person at work; these tests wait more than they compute.
    maxWorkers: '100%',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // They end what hangs, and no more: how long work takes on a busy machine says nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
