/** @file What a rollout's page reads: the rollout, its story, the variants it names, the fleet that it is a part of. */
import 'server-only';
import { isAlpharhoError } from '@alpharho/protocol';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { RolloutPreview } from '../rollouts/store/preview.ts';
import type { RolloutDetail, RolloutEventFacts } from '../rollouts/store/read.ts';
import { readVariants } from './facts.ts';
import { database } from './process-state.ts';
import { loadRollout, loadRolloutEvents, loadRolloutPreview } from './rollouts.ts';

export type RolloutPageFacts = {
  rollout: RolloutDetail;
  /** The newest first, at most a hundred. */
  events: RolloutEventFacts[];
  variants: ReadonlyMap<string, VariantFacts>;
  /** Devices of the whole fleet. */
  fleet: number;
  /** Of a draft: what its start would do. */
  preview: PreviewOutcome | null;
};

export type PreviewOutcome = { ok: true; preview: RolloutPreview } | { ok: false; code: string; message: string };

/** @returns null where there is none. */
export async function loadRolloutPage(id: string): Promise<RolloutPageFacts | null> {
  const rollout = await loadRollout(id);
  if (rollout === null) return null;
  const db = await database();
  const [events, variants, fleet, preview] = await Promise.all([
    loadRolloutEvents(id),
    readVariants(db),
    db.device.count(),
    rollout.state === 'draft' ? previewOrReason(rollout.spec) : null,
  ]);
  return { rollout, events, variants: new Map(variants.map((variant) => [variant.id, variant])), fleet, preview };
}

/** What is wrong with a spec is an answer, not a fault: an operator is still writing it. */
export async function previewOrReason(spec: unknown): Promise<PreviewOutcome> {
  try {
    return { ok: true, preview: await loadRolloutPreview(spec) };
  } catch (error) {
    if (!isAlpharhoError(error)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}
