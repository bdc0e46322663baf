/** @file Use case: an operator starts a rollout. Who is among its targets now is written down with its turn; the hub's loop does the rest. */
import type { Database } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import { command } from '../rollouts/engine/decide.ts';
import { type LoadedRollout, loadRollout, readSpec } from '../rollouts/store/load.ts';
import { planTargets, readTargets, type Target } from '../rollouts/store/target-set.ts';
import { type Transaction, writeDecision } from '../rollouts/store/write.ts';
import { theRollout } from './steer-rollout.ts';

export type StartedRollout = { state: string; changed: boolean };

/**
 * A draft whose time has not come is scheduled; starting that again starts it now. One that runs is left alone.
 * @throws AlpharhoError rollout_unknown | rollout_conflict | rollout_no_targets | target_query_invalid | device_unknown | model_missing |
 * variant_retired | variant_unsigned
 */
export async function startRollout(db: Database, id: string, now: Date): Promise<StartedRollout> {
  return db.$transaction((tx) => startWithin(tx, id, now));
}

/** As {@link startRollout}, as a part of more. */
export async function startWithin(tx: Transaction, id: string, now: Date): Promise<StartedRollout> {
  const row = theRollout(await tx.rollout.findUnique({ where: { id } }), id);
  if (row.state === 'draft') await writeTargets(tx, id, row.spec, now);
  else if (row.state !== 'scheduled') return left(row.name, row.state);
  const loaded = theRollout(await loadRollout(tx, id), id);
  const decision = command(loaded.snapshot, loaded.terms, now.getTime(), {
    type: isEarly(loaded, row.state, now) ? 'schedule' : 'start',
  });
  if (decision === undefined) return left(row.name, row.state);
  await writeDecision(tx, loaded, decision, now.getTime());
  return { state: decision.after.progress.state, changed: true };
}

function isEarly({ terms }: LoadedRollout, state: string, now: Date): boolean {
  return state === 'draft' && terms.notBefore !== undefined && terms.notBefore > now.getTime();
}

/** Where it runs somebody else was a moment faster. */
function left(name: string, state: string): StartedRollout {
  if (['completed', 'aborted', 'rolled_back'].includes(state)) {
    throw new AlpharhoError('rollout_conflict', `rollout ${JSON.stringify(name)}: is ${state}; make another one`);
  }
  return { state, changed: false };
}

async function writeTargets(tx: Transaction, id: string, spec: string, now: Date): Promise<void> {
  const targets = await readTargets(tx, readSpec(spec), id);
  const planned = new Map(planTargets(targets, readSpec(spec)).map((each) => [each.id, each]));
  if (planned.size === 0) throw new AlpharhoError('rollout_no_targets', noTargets(targets));
  let position = planned.size;
  const rows = targets.flatMap(({ row, admission }) => {
    if (admission.variant === null) return [];
    const turn = planned.get(row.id);
    const fixed = { rolloutId: id, deviceId: row.id, variantId: admission.variant, hardwareClass: row.hardwareClass, stateAt: now };
    if (turn !== undefined) return { ...fixed, position: turn.position, phase: turn.phase, state: 'waiting', note: null };
    position += 1;
    return { ...fixed, position: position - 1, phase: 0, state: 'skipped', note: admission.kind === 'ready' ? null : admission.note };
  });
  await tx.rolloutDevice.createMany({ data: rows });
}

function noTargets(targets: readonly Target[]): string {
  const [first] = targets;
  if (first === undefined) return 'no device matches the targets; change the query';
  const why = first.admission.kind === 'ready' ? '' : `; ${first.row.id}: ${first.admission.note}`;
  return `none of the ${targets.length} devices that match can be given the variant${why}`;
}
