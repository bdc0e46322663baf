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
  // Some tests start processes, which take their time on a machine that builds beside them.
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // vitest.arm64.config.ts has those.
    exclude: ['test/arm64/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
