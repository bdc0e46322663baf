/** @file Tests of the hub, the launcher and the pages' own logic. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // Throws outside a React server by design; tests are one.
      'server-only': fileURLToPath(new URL('../../node_modules/server-only/empty.js', import.meta.url)),
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // vitest.arm64.config.ts has those.
    exclude: ['test/arm64/**'],
    pool: 'forks',
    // Vitest keeps one processor free for a person at work; these tests wait more than they compute.
    maxWorkers: '100%',
    // Limits end what hangs, and no more: processes take their time on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
