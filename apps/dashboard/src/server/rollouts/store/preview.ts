/** @file What a rollout would do if it were started now. */
import type { Database } from '@alpharho/db';
import { parseRolloutSpec, phaseSizes } from '@alpharho/protocol';
import { type Admission, admissions } from '../admission.ts';
import { nextChange } from '../windows.ts';
import { planTargets, readTargets, type Target } from './target-set.ts';

export type PreviewDevice = {
  id: string;
  hardwareClass: string | null;
  online: boolean;
  servingId: string | null;
  kind: Admission['kind'];
  /** Why it is left out. */
  note: string | null;
  variantId: string | null;
  /** From 0; null where it is left out. */
  phase: number | null;
};

export type RolloutPreview = {
  matched: number;
  offline: number;
  /** Of the devices that match: `ready` is how many would be told. */
  counts: Record<Admission['kind'], number>;
  /** Ready ones whose present variant the registry cannot give back: there is no way back for them. */
  noWayBack: number;
  classes: { hardwareClass: string | null; devices: number; variantId: string | null }[];
  /** How many devices come in each phase. */
  phases: number[];
  windowChangesAt: number | null;
  /** In the order of turns, those that are left out at the end. */
  devices: PreviewDevice[];
};

/**
 * @param input as packages/protocol's rolloutSpecSchema takes it
 * @throws AlpharhoError rollout_invalid | target_query_invalid | device_unknown | model_missing | variant_retired | variant_unsigned
 */
export async function previewRollout(db: Database, input: unknown, now: number): Promise<RolloutPreview> {
  const spec = parseRolloutSpec(input);
  const targets = await readTargets(db, spec);
  const plan = new Map(planTargets(targets, spec).map((each) => [each.id, each]));
  const turn = (id: string) => plan.get(id)?.position ?? targets.length;
  const ready = targets.filter(({ admission }) => admission.kind === 'ready');
  return {
    matched: targets.length,
    offline: targets.filter(({ row }) => row.presence !== 'online').length,
    counts: Object.fromEntries(
      admissions.map((kind) => [kind, targets.filter(({ admission }) => admission.kind === kind).length]),
    ) as RolloutPreview['counts'],
    noWayBack: ready.filter(({ row }) => row.serving?.stored !== true || row.serving.manifest === null).length,
    classes: classesOf(targets),
    phases: phaseSizes(spec.phases, ready.length),
    windowChangesAt: nextChange(spec.schedule.windows, now) ?? null,
    devices: [...targets].sort((a, b) => turn(a.row.id) - turn(b.row.id)).map((target) => toDevice(target, plan.get(target.row.id)?.phase)),
  };
}

function classesOf(targets: readonly Target[]): RolloutPreview['classes'] {
  const classes = new Map<string | null, RolloutPreview['classes'][number]>();
  for (const { row, admission } of targets) {
    const known = classes.get(row.hardwareClass);
    if (known === undefined) classes.set(row.hardwareClass, { hardwareClass: row.hardwareClass, devices: 1, variantId: admission.variant });
    else known.devices += 1;
  }
  return [...classes.values()].sort((a, b) => b.devices - a.devices);
}

function toDevice({ row, admission }: Target, phase: number | undefined): PreviewDevice {
  return {
    id: row.id,
    hardwareClass: row.hardwareClass,
    online: row.presence === 'online',
    servingId: row.servingId,
    kind: admission.kind,
    note: admission.kind === 'ready' ? null : admission.note,
    variantId: admission.variant,
    phase: phase ?? null,
  };
}
