import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openLiveFleet } from './fleet.ts';

const routes = ['/', '/devices', '/devices/line-02', '/devices/line-02/results', '/devices/line-02/events', '/variants', '/no-such-page'];
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

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
          const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(overflow).toBe(0);
          expect(faults).toEqual([]);
          await page.screenshot({ path: testInfo.outputPath('page.png') });
        });
      }
    });
  }
}
