import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openLiveFleet } from './fleet.ts';

test('a picture is asked for and shown, with what the device saw in it', async ({ page }) => {
  await openLiveFleet(page);
  await page.goto('/devices/line-02');
  const main = page.getByRole('main');
  await main.getByRole('button', { name: 'Take a picture' }).click();
  const picture = main.getByRole('img', { name: /^What the camera of line-02 saw: / });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100);
  await expect(main.getByText(/^Taken .* ago, seen as /)).toBeVisible();

  // Another visit: it stays covered until it is wanted.
  await page.reload();
  await expect(main.getByRole('button', { name: 'Show the last picture' })).toBeVisible();
  await expect(picture).toBeHidden();
  await main.getByRole('button', { name: 'Show the last picture' }).click();
  await expect(picture).toBeVisible();
});

test("a device's events are filtered by level in the address, and all of them are a page away", async ({ page }) => {
  await page.goto('/devices/line-02?range=1h');
  const main = page.getByRole('main');
  const filter = main.getByRole('navigation', { name: 'Events shown' });
  const events = main.getByRole('list', { name: 'Events' });
  await expect(events.getByText(/^Connected for the first time|^Agent started/).first()).toBeVisible();
  await filter.getByRole('link', { name: 'Errors' }).click();
  await expect(page).toHaveURL(/range=1h&level=error/);
  await expect(main.getByText('No error.')).toBeVisible();
  await main.getByRole('link', { name: 'Show all events' }).click();
  await expect(page).not.toHaveURL(/level=/);
  await main.getByRole('link', { name: 'All events' }).click();
  await expect(page).toHaveURL(/\/devices\/line-02\/events/);
  await expect(events.locator('time').first()).toHaveAttribute('title', /\d{4}/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
});

test('the page says how the machine copes', async ({ page }) => {
  await page.goto('/devices/line-02');
  const main = page.getByRole('main');
  await expect(main.getByText(/^cpu, \d+ threads?, /)).toBeVisible();
  await expect(main.locator('dt', { hasText: 'Free memory' }).locator('..')).toContainText(/of [\d.]+\s?GB/);
});
