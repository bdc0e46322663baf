/** @file What the specs know of the demonstration fleet and its rows. */
import { expect, type Locator, type Page } from '@playwright/test';

export const devices = ['line-01', 'line-02', 'line-03'];

/** A device's row of the table that a desktop shows. Within main: what streams in stands beside it, hidden, for a moment. */
export function row(page: Page, device: string): Locator {
  return page.getByRole('main').locator(`tr[data-device="${device}"]`);
}

/** Opens the fleet page and waits until every device is online and has measured a window. */
export async function openLiveFleet(page: Page): Promise<void> {
  await page.goto('/');
  for (const device of devices) {
    await expect(row(page, device)).toContainText('Online');
    // A telemetry window takes ten seconds.
    await expect(row(page, device)).toContainText(/\d \/ \d/, { timeout: 40_000 });
  }
}
