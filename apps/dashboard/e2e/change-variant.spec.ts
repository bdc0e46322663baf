import { expect, type Page, test } from '@playwright/test';
import { openLiveFleet, row } from './fleet.ts';

test('another variant is given to a device, which serves it without missing a frame', async ({ page }) => {
  await openLiveFleet(page);
  await expect(row(page, 'line-01')).toContainText('V1 0.25×128');

  await row(page, 'line-01').getByRole('button', { name: 'Change variant' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change the variant of line-01' });
  await expect(dialog.getByRole('radio', { disabled: false }).first()).toBeFocused();
  await dialog.getByRole('radio', { name: /V1 0\.5×160/ }).check();
  await dialog.getByRole('button', { name: 'Give V1 0.5×160 f32 to line-01' }).click();
  await expect(dialog).toBeHidden();

  await expect(row(page, 'line-01')).toContainText('Committed');
  await expect(row(page, 'line-01')).toContainText('V1 0.5×160');
  await expect(row(page, 'line-01')).not.toContainText('V1 0.25×128');

  await page.goto('/devices/line-01/results');
  const variants = page.getByRole('table').getByText('V1 0.5×160');
  await expect(variants.first()).toBeVisible();
  const frames = await framesAcrossTheChange(page);
  expect(frames.length).toBeGreaterThanOrEqual(50);
  // Every result is there once. That no frame is dropped either is shown where nothing else wants the processor: test/system.
  expect(frames.every((frame, index) => index === 0 || frame < (frames[index - 1] ?? 0))).toBe(true);
  expect((frames[0] ?? 0) - (frames.at(-1) ?? 0) + 1 - frames.length).toBeLessThanOrEqual(3);
});

test("a device's page shows its history: latency over time, results, and the change of variant", async ({ page }) => {
  await page.goto('/devices/line-01');
  await expect(page.getByRole('img', { name: /latency/i }).first()).toBeVisible();
  // By its role: what streams in stands beside the page, hidden, for a moment.
  await expect(page.getByRole('list', { name: 'Events' }).getByText('V1 0.5×160 f32 has proved itself')).toBeVisible();
  await expect(page.getByRole('table').last().getByRole('row').nth(5)).toBeVisible();
});

/** Frame numbers, newest first, from the newest page of results back to one that the old variant answered. */
async function framesAcrossTheChange(page: Page): Promise<number[]> {
  const frames: number[] = [];
  for (let pages = 0; pages < 20; pages++) {
    const table = page.getByRole('table');
    const column = (await table.getByRole('columnheader').allInnerTexts()).findIndex((title) => title.trim() === 'Frame');
    const cells = await table.locator(`tbody tr td:nth-child(${column + 1})`).allInnerTexts();
    frames.push(...cells.map((text) => Number(text.replaceAll(',', ''))));
    const old = table.getByText('V1 0.25×128').first();
    if (await old.isVisible()) return frames;
    const first = cells[0];
    await page.getByRole('link', { name: 'Older' }).click();
    await expect(table.locator(`tbody tr td:nth-child(${column + 1})`).first()).not.toHaveText(first ?? '');
  }
  throw new Error('no result of the old variant within 20 pages');
}
