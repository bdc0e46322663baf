/** @file `alpharho-agent config`: whether the settings can be used, and where each comes from. */
import { governing, runConfig } from '../config.ts';
import { idleAnyway } from '../domain/ladder.ts';
import { explainLines, explainSettings } from '../settings/explain.ts';
import type { GivenSettings } from '../settings/given.ts';
import { print, printJson, warn } from './print.ts';

/** @throws AlpharhoError config_invalid where `run` would say so too */
export async function showConfig(
  { resolved, warnings }: GivenSettings,
  { explain, json }: { explain: boolean; json: boolean },
): Promise<number> {
  const { budget, allowed } = governing(resolved.values);
  const hasBudget = Object.values(budget).some((limit) => limit !== undefined);
  warn([...warnings, ...idleAnyway(allowed, hasBudget)]);
  if (json) printJson(explainSettings(resolved));
  else if (explain) print(...explainLines(resolved));
  // The table is of use to someone who has no camera yet.
  if (json || explain) return 0;
  runConfig(resolved);
  print('The settings can be used; --explain shows them.');
  return 0;
}
