/** @file A preview and a planner's plan, for a terminal. */
import type { Database } from '@alpharho/db';
import { type RolloutSpec, variantLabel } from '@alpharho/protocol';
import { formatAge, plural } from '../../lib/format.ts';
import type { ClassPlan } from '../../server/rollouts/planner/input.ts';
import type { PreviewDevice, RolloutPreview } from '../../server/rollouts/store/preview.ts';
import type { GoalPlan } from '../../server/services/plan-for-goal.ts';
import { toWireVariant } from '../../server/wire-variant.ts';
import { or, plain, table } from '../table.ts';

/** Devices of a phase that are named; of the rest it says how many. */
const namedDevices = 8;

export async function previewText(db: Pick<Database, 'variant'>, spec: RolloutSpec, preview: RolloutPreview): Promise<string> {
  const names = await variantNames(db, preview);
  const { matched, offline, counts, classes, phases, devices, noWayBack } = preview;
  const left = devices.filter(({ kind }) => kind !== 'ready');
  const parts = [
    plain(`${plural(matched, 'device matches', 'devices match')}, ${offline} offline; ${counts.ready} would be given the variant.`),
    table(
      ['class', 'devices', 'variant'],
      classes.map(({ hardwareClass, devices: count, variantId }) => [
        or(hardwareClass),
        String(count),
        variantId === null ? 'none is named: left out' : `${or(names.get(variantId))}  ${variantId.slice(0, 12)}`,
      ]),
    ),
    table(
      ['phase', 'devices', 'soak', 'advance', 'names'],
      phases.map((size, phase) => [
        String(phase + 1),
        String(size),
        formatAge(spec.phases[phase]?.soak ?? 0),
        spec.phases[phase]?.advance ?? '',
        namesOf(devices, phase),
      ]),
    ),
    left.length === 0
      ? ''
      : table(
          ['left out', 'why'],
          left.map(({ id, note }) => [id, or(note)]),
        ),
    noWayBack === 0 ? '' : plain(`${plural(noWayBack, 'device')} could not go back: the registry cannot give out what they serve now.`),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function namesOf(devices: readonly PreviewDevice[], phase: number): string {
  const ids = devices.filter((device) => device.phase === phase).map(({ id, online }) => (online ? id : `${id} (offline)`));
  const more = ids.length - namedDevices;
  return or(`${ids.slice(0, namedDevices).join(' ')}${more > 0 ? ` and ${more} more` : ''}`);
}

async function variantNames(db: Pick<Database, 'variant'>, { classes }: RolloutPreview): Promise<Map<string, string>> {
  const ids = classes.flatMap(({ variantId }) => variantId ?? []);
  const rows = await db.variant.findMany({ where: { id: { in: ids } } });
  return new Map(rows.map((row) => [row.id, variantLabel(toWireVariant(row))]));
}

export function planText({ classes, blocking, unclassed }: GoalPlan): string {
  const parts = [
    table(
      ['class', 'devices', 'now', 'planned', 'p95 ms', 'top-1', 'why'],
      classes.map((each) => [each.hardwareClass, String(each.devices), or(each.now.variant?.name), ...chosen(each), each.reason]),
    ),
    unclassed.length === 0 ? '' : `Not planned for, since they have not said what they are: ${unclassed.join(', ')}`,
    blocking.length === 0 ? '' : `The goal cannot be met on ${blocking.join(', ')}: those devices keep what they have.`,
    classes.some(({ changes }) => changes) ? '' : 'Nothing would change.',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function chosen({ choice }: ClassPlan): string[] {
  return choice === null
    ? ['none', '—', '—']
    : [choice.variant.name, choice.figures.p95.value.toFixed(1), or(choice.variant.top1?.toFixed(1))];
}
