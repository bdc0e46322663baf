/** @file Browser tests against the whole product: `alpharho start` on ports and a data folder of its own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { findChromium } from './e2e/chromium.ts';

// Workers read this file again; they inherit what the first reading decided.
process.env.ALPHARHO_E2E_DATA ??= mkdtempSync(join(tmpdir(), 'alpharho-e2e-'));

const webPort = 3310;
const baseURL = `http://127.0.0.1:${webPort}`;

export default defineConfig({
  testDir: './e2e',
  outputDir: './test-results',
  // One fleet for all specs: what one of them changes, another sees.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // Limits end what hangs, and no more: a busy machine takes its time.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      // The sandbox does not start for root, which CI is.
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: 'exec node bin/alpharho.js start',
    url: baseURL,
    timeout: 180_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
    env: {
      ALPHARHO_WEB_PORT: String(webPort),
      ALPHARHO_MQTT_PORT: '3311',
      ALPHARHO_HTTP_PORT: '3312',
      ALPHARHO_HOST: '127.0.0.1',
      ALPHARHO_DATA_DIR: process.env.ALPHARHO_E2E_DATA,
    },
  },
});
