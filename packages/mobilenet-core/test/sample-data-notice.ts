/** @file Says once, before the tests, when those on real models and photographs cannot run. */
import { hasSampleData, sampleDataFolder } from '../src/evaluate/sample-data.ts';

export function setup(): void {
  const folder = sampleDataFolder();
  if (!hasSampleData(folder))
    console.warn(`tests on real models and photographs are skipped: no sample data at ${folder} (set ALPHARHO_SAMPLE_DATA)`);
}
