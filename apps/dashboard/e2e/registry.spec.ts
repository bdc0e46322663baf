import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant } from '@alpharho/mobilenet-core';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { openLiveFleet } from './fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'alpharho-e2e-files-'));
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

test.afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function openUpload(page: Page) {
  await page.goto('/variants');
  await page.getByRole('button', { name: 'Upload a file' }).click();
  return page.getByRole('dialog', { name: 'Upload a file' });
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
}

test('a file is uploaded, checked and shown; retired, it is given to nobody; deleted, it is gone', async ({ page }) => {
  const dialog = await openUpload(page);
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath('upload.png') });
  await dialog.getByLabel('Model file').setInputFiles(file('broken.onnx', 'no model at all'));
  await dialog.getByRole('button', { name: 'Upload broken.onnx' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Not added: ');

  const bytes = buildVariant({ family: 'v2', alpha: 0.35, rho: 96, labels: ['good', 'scratched', 'dented'], seed: 3 });
  await dialog.getByLabel('Model file').setInputFiles(file('belt.onnx', bytes));
  await dialog.getByRole('button', { name: 'Upload belt.onnx' }).click();
  await expect(dialog.getByText('V2 0.35×96 f32 is in the registry.')).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('uploaded.png') });
  await dialog.getByRole('link', { name: 'Show V2 0.35×96 f32' }).click();

  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { level: 1, name: /V2 0\.35×96/ })).toBeVisible();
  await expect(main.getByText('good, scratched, dented')).toBeVisible();
  await expect(main.getByRole('list', { name: 'History' })).toContainText('Signed with key');
  await expect(main.getByText('Nothing uses it.')).toBeVisible();
  await main.getByRole('button', { name: 'Retire' }).click();
  await expect(main.getByRole('button', { name: 'Offer again' })).toBeVisible();
  await expect(main.getByRole('button', { name: 'Give to devices' })).toHaveCount(0);
  await main.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete V2 0.35×96 f32' }).click();
  await expect(page).toHaveURL(/\/variants$/);
  await expect(page.getByRole('main').getByText('V2 0.35×96')).toHaveCount(0);
});

test('a variant in service is measured on its hardware, and is not deleted: the devices that keep it are named', async ({ page }) => {
  await openLiveFleet(page);
  await page.goto('/variants?list=service');
  await page.getByRole('table', { name: 'Variants, small to large' }).getByRole('link', { name: /^V\d / }).first().click();
  const main = page.getByRole('main');
  await expect(main.getByRole('table', { name: 'Measured, by class of hardware' }).getByRole('row')).toHaveCount(2, { timeout: 40_000 });
  await main.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('dialog')).toContainText(/line-0\d serves it/);
  await page.keyboard.press('Escape');
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.reload();
      await expect(main.getByRole('table', { name: 'Measured, by class of hardware' })).toBeVisible();
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      await page.screenshot({ path: test.info().outputPath(`variant-${size}-${colorScheme}.png`) });
      await page.goto('/variants');
      await expect(page.getByRole('button', { name: 'Upload a file' })).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath(`variants-${size}-${colorScheme}.png`) });
      await page.goBack();
    }
  }
});

test('another site’s form is refused', async ({ request }) => {
  const upload = (headers: Record<string, string>) =>
    request.post('/api/v1/variants', {
      headers,
      multipart: { file: { name: 'x.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('x') } },
    });
  expect((await upload({ origin: 'https://elsewhere.example' })).status()).toBe(403);
  const refused = await upload({});
  expect([refused.status(), await refused.json()]).toEqual([
    422,
    { error: 'model_corrupt', message: expect.any(String), remedy: expect.any(String) },
  ]);
});
