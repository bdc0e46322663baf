import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The time limit ends what hangs, and no more: properties take their time on a busy machine.
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 120_000 },
});
