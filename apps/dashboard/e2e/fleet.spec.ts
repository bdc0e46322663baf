import { expect, test } from '@playwright/test';
import { devices, openLiveFleet, row } from './fleet.ts';

test('three devices are online, and their numbers move without a reload', async ({ page }) => {
  await openLiveFleet(page);
  await expect(page.getByRole('status').or(page.locator('output')).filter({ hasText: 'Live' })).toBeVisible();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  for (const device of devices) {
    const sees = row(page, device).locator('[data-sees]').locator('..');
    const before = (await sees.textContent()) ?? '';
    await expect(sees).not.toHaveText(before);
  }
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('every variant that was never trained says so', async ({ page }) => {
  await page.goto('/variants');
  await expect(page.getByRole('table', { name: 'Variants, small to large' }).getByText('untrained')).toHaveCount(3);
});
