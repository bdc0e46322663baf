import { expect, test } from '@playwright/test';
import { openLiveFleet } from './fleet.ts';
import { expectSound, sizes } from './sound.ts';

const routes = [
  '/',
  '/devices',
  '/devices/line-02',
  '/devices/line-02/results',
  '/devices/line-02/events',
  '/variants',
  '/rollouts',
  '/rollouts/new',
  '/rollouts/new?step=devices&where=id%3Dline-*',
  '/rollouts/new?step=stages&window=22:00-04:00~UTC',
  '/rollouts/new?step=gates',
  '/rollouts/new?step=review',
  '/rollouts/no-such-rollout',
  '/no-such-page',
];

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await openLiveFleet(page);
  await page.close();
});

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${colorScheme}${size === 'phone' ? ' @mobile' : ''}`, () => {
      // A number that fades in has, for a moment, no contrast to measure.
      test.use({ viewport, colorScheme, contextOptions: { reducedMotion: 'reduce' } });

      for (const route of routes) {
        test(`${route} is accessible and fits its width`, async ({ page }, testInfo) => {
          const faults: string[] = [];
          page.on('pageerror', (error) => faults.push(error.message));
          await page.goto(route);
          await expect(page.getByRole('main')).toBeVisible();
          await expectSound(page);
          expect(faults).toEqual([]);
          await page.screenshot({ path: testInfo.outputPath('page.png') });
        });
      }
    });
  }
}
