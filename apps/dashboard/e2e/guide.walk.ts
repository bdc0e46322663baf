/** @file The walk of docs/rollouts.md on the demonstration fleet, with its pictures. Each part goes on from the one before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { openLiveFleet } from './fleet.ts';

/** Gates compare with what came before: ten blocks of a minute. */
const before = 10.5 * 60_000;
/** Eight blocks after the switch; many more on a busy machine. */
const judged = { timeout: 60 * 60_000 };

test.describe.configure({ mode: 'serial' });

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `../../docs/images/${name}.png` });
}

/** The address changes first, and the box with it. */
async function tick(box: Locator): Promise<void> {
  await box.click();
  await expect(box).toBeChecked();
}

async function draft(page: Page, variant: RegExp, targets: string): Promise<Locator> {
  await page.goto('/rollouts');
  await page.getByRole('link', { name: 'New rollout' }).click();
  const main = page.getByRole('main');
  await tick(main.getByRole('radio', { name: variant }));
  await main.getByRole('link', { name: 'Choose devices' }).click();
  await main.getByLabel('Targets').fill(targets);
  await expect(main.getByText('change in turn')).toBeVisible();
  await main.getByRole('link', { name: 'Set stages' }).click();
  for (const stage of [3, 2]) {
    await main.getByRole('button', { name: `Remove stage ${stage}` }).click();
    await expect(main.getByLabel('soak')).toHaveCount(stage);
  }
  await main.getByLabel('soak').first().fill('1');
  await expect(page).toHaveURL(/stages=1%7E1%2C/);
  await main.getByLabel('soak').last().fill('1');
  await expect(page).toHaveURL(/stages=1%7E1%2C100%25%7E1(&|$)/);
  return main;
}

async function review(page: Page, name: string): Promise<void> {
  const main = page.getByRole('main');
  await main.getByRole('link', { name: 'Review the rollout' }).click();
  await main.getByLabel('Name').fill(name);
  await expect(page).toHaveURL(/name=/);
}

async function start(page: Page): Promise<void> {
  const main = page.getByRole('main');
  const typed = main.getByLabel(/^Type \d+ to start/);
  if (await typed.isVisible()) await typed.fill(/\d+/.exec((await typed.getAttribute('aria-label')) ?? '')?.[0] ?? '');
  await main.getByRole('button', { name: /^Start with 1 device/ }).click();
  await page.waitForURL(/\/rollouts\/(?!new)/);
}

/** Says a word to the rollout, and yes to its question. */
async function say(page: Page, word: RegExp): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: word }).click();
  const dialog = page.getByRole('dialog');
  const typed = dialog.getByLabel(/Type \d+ to confirm/);
  if (await typed.isVisible()) await typed.fill(/Type (\d+)/.exec((await dialog.textContent()) ?? '')?.[1] ?? '');
  await dialog.getByRole('button', { name: word }).click();
  await expect(dialog).toBeHidden();
}

test('a canary, its gates, an approval, all, and back', async ({ page }) => {
  await openLiveFleet(page);
  if (process.env.ALPHARHO_URL === undefined) await sleep(before);
  const main = await draft(page, /V1 0\.25×96/, 'id=line-02,line-03');
  await tick(main.getByLabel('then a person approves').first());
  await main.getByRole('link', { name: 'Set gates' }).click();
  await review(page, 'Small variant');
  await expect(main.getByText('In 2 stages')).toBeVisible();
  await picture(page, 'rollout-review');
  await start(page);
  await expect(main.getByText('Shadowing').first()).toBeVisible();
  await picture(page, 'rollout-canary');
  await expect(main.getByText('Holding at stage 1 of 2')).toBeVisible();
  await expect(main.getByText('not known yet')).toHaveCount(0, judged);
  await picture(page, 'rollout-gates');
  await expect(main.getByText('Needs approval at stage 1 of 2')).toBeVisible(judged);
  await say(page, /^Approve/);
  await expect(main.getByText('committed, 100')).toBeVisible();
  await say(page, /^Roll back 2 devices/);
  await expect(main.getByText('Rolled back', { exact: true })).toBeVisible();
  await picture(page, 'rollout-back');
});

test('a variant that is too slow comes back by itself', async ({ page }) => {
  await openLiveFleet(page);
  const main = await draft(page, /V1 1\.0×224/, 'id=line-01');
  await main.getByRole('link', { name: 'Set gates' }).click();
  await main.getByLabel('Latency p95 at most').fill('10');
  await review(page, 'Large variant, 10 ms');
  await start(page);
  await expect(main.getByText('Rolled back', { exact: true })).toBeVisible(judged);
  await picture(page, 'rollout-failed');
});
