/** @file What the "change variant" dialogs choose from. Plain data, made on the server once a page. Pure. */
import { group } from 'd3-array';
import type { JudgedDevice } from '@/lib/attention.ts';
import { formatBytes, formatLarge, formatMs, formatPercent } from '@/lib/format.ts';
import { percentiles } from '@/lib/sketch-sum.ts';
import type { Connectivity } from '@/lib/status.ts';
import { compareVariants, isOffered, type VariantFacts } from '@/lib/variant-facts.ts';
import type { FleetWindow } from '../fleet/view-model.ts';

export type VariantChoice = {
  id: string;
  name: string;
  alpha: number;
  rho: number;
  precision: string;
  untrained: boolean;
  /** Written out: the dialogs only show them. */
  accuracy: string;
  cost: string;
  size: string;
  /** Measured by the fleet in the last half hour, all boards; `—` where no device runs it. */
  p95: string;
};

export type DeviceChoice = {
  id: string;
  connectivity: Connectivity;
  servingId: string | null;
  servingName: string | null;
  desiredId: string | null;
};

/** Only what the hub can hand out, small to large. */
export function variantChoices(variants: VariantFacts[], windows: FleetWindow[]): VariantChoice[] {
  const cells = group(windows, ({ variantId }) => variantId);
  return variants
    .filter(isOffered)
    .sort(compareVariants)
    .map((variant) => ({
      id: variant.id,
      name: variant.name,
      alpha: variant.alpha,
      rho: variant.rho,
      precision: variant.precision,
      untrained: variant.untrained,
      accuracy: formatPercent(variant.top1),
      cost: formatLarge(variant.multiplyAdds),
      size: formatBytes(variant.bytes),
      p95: formatMs(percentiles((cells.get(variant.id) ?? []).map(({ total }) => total))?.p95),
    }));
}

export function deviceChoices(devices: JudgedDevice[]): DeviceChoice[] {
  return devices
    .map(({ facts, connectivity }) => ({
      id: facts.id,
      connectivity: connectivity.state,
      servingId: facts.servingId,
      servingName: facts.serving?.name ?? null,
      desiredId: facts.desiredId,
    }))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}
