/** @file The devices that the list shows, in its order, and what each filter would show. Pure. */
import { type JudgedDevice, worstFirst } from '@/lib/attention.ts';
import { connectivityWords, isInMotion, needsOperator } from '@/lib/status.ts';
import { compareVariants } from '@/lib/variant-facts.ts';
import { connectivityFacets, type ListQuery, type SortKey, type UpdateFacet, updateFacets } from './device-list-query.ts';

export function updateFacetOf({ update }: JudgedDevice): UpdateFacet {
  const { state } = update;
  if (isInMotion(state)) return 'in_motion';
  if (state === 'waiting' || state === 'waiting_offline') return 'waiting';
  if (state === 'rolled_back') return 'rolled_back';
  if (needsOperator(state)) return 'failed';
  return state === 'committed' ? 'committed' : state === 'no_target' ? 'no_target' : 'on_target';
}

export function listDevices(devices: JudgedDevice[], query: ListQuery): JudgedDevice[] {
  const shown = devices.filter((device) => matches(device, query));
  if (query.sort === 'worst') return shown.sort(worstFirst);
  const compare = orders[query.sort];
  const sign = query.descending ? -1 : 1;
  return shown.sort((a, b) => sign * compare(a, b) || byId(a, b));
}

function matches(device: JudgedDevice, { text, connectivity, update, variant }: ListQuery): boolean {
  const { facts } = device;
  if (connectivity.length > 0 && !connectivity.includes(device.connectivity.state)) return false;
  if (update.length > 0 && !update.includes(updateFacetOf(device))) return false;
  if (variant.length > 0 && !variant.includes(facts.servingId ?? '')) return false;
  const words = [facts.id, facts.boardModel, facts.serving?.name, facts.desired?.name, connectivityWords[device.connectivity.state]];
  const haystack = words.join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

const byId = (a: JudgedDevice, b: JudgedDevice) => a.facts.id.localeCompare(b.facts.id, 'en', { numeric: true });

const orders: Record<SortKey, (a: JudgedDevice, b: JudgedDevice) => number> = {
  device: byId,
  connectivity: (a, b) => connectivityFacets.indexOf(a.connectivity.state) - connectivityFacets.indexOf(b.connectivity.state),
  update: (a, b) => updateFacets.indexOf(updateFacetOf(a)) - updateFacets.indexOf(updateFacetOf(b)),
  variant: (a, b) => {
    if (a.facts.serving === null || b.facts.serving === null) return Number(a.facts.serving === null) - Number(b.facts.serving === null);
    return compareVariants(a.facts.serving, b.facts.serving);
  },
  fps: (a, b) => (a.facts.fps ?? -1) - (b.facts.fps ?? -1),
  p95: (a, b) => (a.facts.p95 ?? -1) - (b.facts.p95 ?? -1),
};

/** How many devices each facet would show, of all devices: counted before it is clicked. */
export function facetCounts(devices: JudgedDevice[]) {
  const count = (keyOf: (device: JudgedDevice) => string) => {
    const counts = new Map<string, number>();
    for (const device of devices) counts.set(keyOf(device), (counts.get(keyOf(device)) ?? 0) + 1);
    return counts;
  };
  return {
    connectivity: count(({ connectivity }) => connectivity.state),
    update: count(updateFacetOf),
    variant: count(({ facts }) => facts.servingId ?? ''),
  };
}
