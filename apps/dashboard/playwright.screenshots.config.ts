/**
 * @file The pictures of docs/rollouts.md, taken while its walk is done by hand of a browser: `npm run screenshots -w @alpharho/dashboard`.
 * Takes half an hour: gates want ten minutes before a change and eight after it. `ALPHARHO_URL` takes them of a product that runs already.
 */
import { defineConfig } from '@playwright/test';
import browserTests from './playwright.config.ts';

const { ALPHARHO_URL: running } = process.env;

export default defineConfig({
  ...browserTests,
  testMatch: 'guide.walk.ts',
  timeout: 120 * 60_000,
  use: {
    ...browserTests.use,
    ...(running !== undefined && { baseURL: running }),
    viewport: { width: 1440, height: 860 },
    colorScheme: 'light',
    contextOptions: { reducedMotion: 'reduce' },
  },
  webServer: running === undefined ? browserTests.webServer : undefined,
});
