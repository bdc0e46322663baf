/** @file What the page of a new rollout reads: variants, hardware classes, what targets there are, the preview, the planner's plan. */
import 'server-only';
import { parseRolloutSpec, type RolloutSpec, type RolloutSpecInput } from '@alpharho/protocol';
import { group } from 'd3-array';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { Plan } from '../rollouts/planner/input.ts';
import { planVariants } from '../rollouts/planner/plan-variants.ts';
import { type PlanFacts, readPlanFacts } from '../rollouts/planner/read-plan-facts.ts';
import { readVariants } from './facts.ts';
import { loadFleetWindows } from './fleet.ts';
import { database } from './process-state.ts';
import { type PreviewOutcome, previewOrReason } from './rollout-page.ts';
import type { WindowCell } from './window-cache.ts';

/** One click of a target query. */
export type Facet = { label: string; where: string; devices: number };

export type DraftPageFacts = {
  variants: ReadonlyMap<string, VariantFacts>;
  windows: WindowCell[];
  classes: { name: string; devices: number }[];
  facets: Facet[];
  fleet: number;
  plan: Plan | null;
  /** Null as long as no variant or no target is named. */
  preview: PreviewOutcome | null;
  /** Null where the draft is not complete, or wrong. */
  spec: RolloutSpec | null;
};

/** @param input null as long as it is not complete; @param goalMs by which the planner is asked, or null */
export async function loadDraftPage(input: RolloutSpecInput | null, goalMs: number | null): Promise<DraftPageFacts> {
  const db = await database();
  const now = Date.now();
  const [variants, windows, devices, tags] = await Promise.all([
    readVariants(db),
    loadFleetWindows(),
    db.device.findMany({ select: { id: true, hardwareClass: true } }),
    db.deviceTag.findMany(),
  ]);
  const facts = goalMs === null ? null : await readPlanFacts(db, { deviceIds: devices.map(({ id }) => id), now });
  const preview = input === null ? null : await previewOrReason(input);
  return {
    variants: new Map(variants.map((variant) => [variant.id, variant])),
    windows,
    classes: [...group(devices, ({ hardwareClass }) => hardwareClass)]
      .flatMap(([name, members]) => (name === null ? [] : { name, devices: members.length }))
      .sort((a, b) => b.devices - a.devices),
    facets: facetsOf(devices, tags),
    fleet: devices.length,
    plan: planOf(facts, goalMs),
    preview,
    spec: preview?.ok ? parseRolloutSpec(input) : null,
  };
}

function planOf(facts: PlanFacts | null, goalMs: number | null): Plan | null {
  if (facts === null || goalMs === null) return null;
  return planVariants({ best: 'accuracy', limits: { p95Ms: goalMs } }, facts.classes, facts.candidates, facts.figures);
}

const mostFacets = 12;

function facetsOf(
  devices: { id: string; hardwareClass: string | null }[],
  tags: { deviceId: string; key: string; value: string }[],
): Facet[] {
  const sites = group(
    tags.filter(({ key }) => key === 'site'),
    ({ value }) => value,
  );
  const words = group(
    tags.filter(({ key }) => key !== 'site'),
    ({ key }) => key,
  );
  const classes = group(devices, ({ hardwareClass }) => hardwareClass);
  const facets = [
    ...[...sites].map(([site, members]) => ({ label: site, where: `site=${quoted(site)}`, devices: members.length })),
    ...[...classes].flatMap(([name, members]) =>
      name === null ? [] : { label: name, where: `class=${quoted(name)}`, devices: members.length },
    ),
    ...[...words].map(([word, members]) => ({ label: `tagged ${word}`, where: `tag=${quoted(word)}`, devices: members.length })),
  ];
  return [{ label: 'All devices', where: 'id=*', devices: devices.length }, ...facets.slice(0, mostFacets)];
}

function quoted(text: string): string {
  return /^[^\s,"*]+$/.test(text) ? text : `"${text.replaceAll('"', '*')}"`;
}
