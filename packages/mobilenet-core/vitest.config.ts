/** @file Tests run in forked processes: onnxruntime-node fails in vm contexts and may crash with several workers in one process. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    globalSetup: ['test/sample-data-notice.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  },
});
