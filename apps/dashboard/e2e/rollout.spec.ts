import { expect, type Locator, type Page, test } from '@playwright/test';
import { openLiveFleet, row } from './fleet.ts';
import { expectSound, sizes } from './sound.ts';

/** The three devices of the line, whoever else has come to the fleet meanwhile. */
const targets = 'id=line-*';

async function draftRollout(page: Page, variant: string): Promise<void> {
  await page.goto('/rollouts');
  await page.getByRole('link', { name: 'New rollout' }).click();
  const main = page.getByRole('main');
  await main.getByRole('radio', { name: new RegExp(`^${variant} `) }).check();
  await expect(page).toHaveURL(/variant=[0-9a-f]{64}/);
  await main.getByRole('link', { name: 'Choose devices' }).click();
  await main.getByRole('textbox', { name: 'Targets' }).fill(targets);
  await expect(main.getByText('3 of 3 devices')).toBeVisible();
  await main.getByRole('link', { name: 'Set stages' }).click();
  // One, then all that are left, and nothing to wait for in between.
  await main.getByRole('button', { name: 'Remove stage 3' }).click();
  await main.getByRole('button', { name: 'Remove stage 2' }).click();
  const soak = main.getByRole('textbox', { name: /^soak/ });
  await expect(soak).toHaveCount(2);
  await soak.first().fill('0');
  await soak.last().fill('0');
  await expect(page).toHaveURL(/stages=1%7E0%2C100%25%7E0/);
  await main.getByRole('link', { name: 'Set gates' }).click();
  await main.getByRole('link', { name: 'Review the rollout' }).click();
}

/** @returns the name of the device that comes first */
async function start(page: Page): Promise<string> {
  const main = page.getByRole('main');
  const button = main.getByRole('button', { name: /^Start with 1 device, line-0\d$/ });
  const first = /line-0\d/.exec((await button.textContent()) ?? '')?.[0] ?? '';
  await expect(button).toBeDisabled();
  await main.getByRole('textbox', { name: 'Type 3 to start' }).fill('3');
  await button.click();
  await expect(page).toHaveURL(/\/rollouts\/[0-9a-f-]{36}$/);
  return first;
}

/** Says yes, with the number where it is asked for. */
async function confirm(page: Page, button: string, number?: number): Promise<void> {
  const dialog = page.getByRole('dialog');
  if (number !== undefined) await dialog.getByRole('textbox').fill(String(number));
  await dialog.getByRole('button', { name: button }).click();
  await expect(dialog).toBeHidden();
}

function square(page: Page, device: string, word: string): Locator {
  return page.getByRole('main').getByRole('link', { name: `${device}: ${word}` });
}

test('a rollout is written, started, commits on its canary, is let on, completes, and is rolled back', async ({ page, context }) => {
  await openLiveFleet(page);
  await draftRollout(page, 'V1 0.5×224');
  await expect(page.getByRole('heading', { name: /^Move 3 of \d+/ })).toBeVisible();
  const canary = await start(page);
  const main = page.getByRole('main');
  await expect(page.getByRole('complementary').getByRole('link', { name: 'Rollouts' })).toContainText('1 live');
  await expect(square(page, canary, 'Committed')).toBeVisible();
  await expect(main.getByText('Holding at stage 1 of 2')).toBeVisible();
  for (const other of ['line-01', 'line-02', 'line-03'].filter((id) => id !== canary))
    await expect(square(page, other, 'Waiting')).toBeVisible();

  // Another operator's page, which hears nothing more of what happens.
  const stale = await context.newPage();
  await stale.route('**/api/live', (route) => route.abort());
  await stale.goto(page.url());
  await expect(stale.getByRole('button', { name: 'Pause' })).toBeVisible();

  await main.getByRole('button', { name: 'Pause' }).click();
  await expect(main.getByText('Paused at stage 1 of 2')).toBeVisible();
  await stale.getByRole('button', { name: 'Pause' }).click();
  await expect(stale.getByText('Somebody else was faster: the rollout is paused already.')).toBeVisible();
  await stale.close();
  await main.getByRole('button', { name: 'Resume' }).click();
  await expect(main.getByText('Holding at stage 1 of 2')).toBeVisible();

  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.reload();
      await expect(square(page, canary, 'Committed')).toBeVisible();
      await expectSound(page);
      await page.screenshot({ path: test.info().outputPath(`rollout-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize(sizes.desktop);

  await main.getByRole('button', { name: 'Advance anyway' }).click();
  await confirm(page, 'Advance anyway', 2);
  for (const device of ['line-01', 'line-02', 'line-03']) await expect(square(page, device, 'Committed')).toBeVisible();
  await main.getByRole('button', { name: 'Finish anyway' }).click();
  await confirm(page, 'Finish anyway');
  await expect(main.getByText('Done', { exact: true })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('done.png'), fullPage: true });

  await main.getByRole('button', { name: 'Roll back 3 devices' }).click();
  await confirm(page, 'Roll back 3 devices', 3);
  await expect(main.getByText('Rolled back', { exact: true })).toBeVisible();
  for (const device of ['line-01', 'line-02', 'line-03']) await expect(square(page, device, 'Back on the old variant')).toBeVisible();
  await expectSound(page);
  await page.screenshot({ path: test.info().outputPath('back.png'), fullPage: true });
  await page.goto('/');
  await expect(row(page, 'line-03')).toContainText('V1 1.0×224');
});

test('a rollout is aborted: what was on its way goes back, the others are never told', async ({ page }) => {
  await openLiveFleet(page);
  await draftRollout(page, 'V1 0.5×224');
  const canary = await start(page);
  const main = page.getByRole('main');
  await main.getByRole('button', { name: 'Abort' }).click();
  await confirm(page, 'Abort');
  await expect(main.getByText('Aborted', { exact: true })).toBeVisible();
  for (const other of ['line-01', 'line-02', 'line-03'].filter((id) => id !== canary)) {
    await expect(square(page, other, 'Called off')).toBeVisible();
  }
  await page.goto('/rollouts');
  await expect(main.getByRole('list', { name: 'Rollouts' }).getByRole('listitem').first()).toContainText('Aborted');
});
