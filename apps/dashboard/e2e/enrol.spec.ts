import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openLiveFleet, row } from './fleet.ts';

const script = createRequire(import.meta.url).resolve('alpharho-agent/bin/alpharho-agent.js');
const folder = mkdtempSync(join(tmpdir(), 'alpharho-e2e-agent-'));
const configFile = join(folder, 'agent.yaml');
const agents: ChildProcess[] = [];

function agent(...args: string[]): void {
  agents.push(spawn(process.execPath, [script, ...args], { stdio: 'inherit' }));
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

test.afterAll(async () => {
  await Promise.all(agents.map(ended));
  rmSync(folder, { recursive: true });
});

test('a board is enrolled with a token, waited for, and keeps its pictures to itself', async ({ page }) => {
  await openLiveFleet(page);
  await page.goto('/devices');
  const opener = page.getByRole('button', { name: 'Enrol a device' });
  await opener.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Enrol a device' });
  await expect(dialog.getByLabel(/^Name of the device/)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();
  await opener.click();
  await expect(dialog.getByText('boards elsewhere cannot reach it')).toBeVisible();
  await dialog.getByLabel(/^Name of the device/).fill('line-01');
  await expect(dialog.getByText(/line-01 is known already/)).toBeVisible();
  await dialog.getByLabel(/^Name of the device/).fill('quay-01');
  await dialog.getByRole('button', { name: 'Make a token' }).click();

  const command = (await dialog.locator('code', { hasText: 'alpharho-agent enroll' }).textContent()) ?? '';
  const [, url, token] = /^npx alpharho-agent enroll (\S+) --token (\S+)$/.exec(command) ?? [];
  await expect(dialog.getByText('Waiting for quay-01 to show its token')).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  agent('enroll', String(url), '--token', String(token), '--config', configFile);
  await expect(dialog.getByText('is enrolled. Waiting for its first heartbeat')).toBeVisible();

  const models = join(process.env.ALPHARHO_E2E_DATA ?? '', 'models');
  const model = join(models, readdirSync(models).find((name) => name.endsWith('.onnx')) ?? '');
  agent('run', '--config', configFile, '--camera', 'synthetic', '--model', model, '--data-dir', join(folder, 'data'), '--status-port', '0');
  await dialog.getByRole('link', { name: 'quay-01' }).click();

  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { name: 'quay-01' })).toBeVisible();
  await expect(main.getByRole('list', { name: 'Events' }).getByText(/^Enrolled, on /)).toBeVisible();
  await main.getByRole('button', { name: 'Take a picture' }).click();
  await expect(main.getByText('Refused: the owner of this device has not allowed pictures.')).toBeVisible();
  await page.goto('/devices');
  await expect(row(page, 'quay-01')).toContainText('Online');
});
