import { describe, expect, it } from 'vitest';
import { judge } from '@/lib/attention.ts';
import { device, variant } from '@/lib/test-facts.ts';
import { facetCounts, listDevices } from './device-list.ts';
import { filterCount, listHref, readListQuery, toggled } from './device-list-query.ts';

const now = Date.UTC(2026, 5, 1);
const hub = { heartbeatAt: now, running: true };
const small = variant({ id: 'a'.repeat(64), alpha: 0.25, rho: 128, multiplyAdds: 14e6 });
const online = { presence: 'online', presenceAt: now - 60_000, lastSeenAt: now - 1000 };
const devices = [
  device({ ...online, id: 'quay-10', serving: small, servingId: small.id, p95: 5 }),
  device({ ...online, id: 'quay-9', p95: 9, desiredId: 'b', desiredRevision: 1, seenRevision: 1, phase: 'warming' }),
  device({ id: 'depot-01', presence: 'offline', presenceReason: 'lost', presenceAt: now - 60_000, lastSeenAt: now - 60_000 }),
].map((facts) => judge(facts, hub, now));
const ids = (params: Record<string, string | string[]>) => listDevices([...devices], readListQuery(params)).map(({ facts }) => facts.id);

describe('the list of devices', () => {
  it('puts the worst first, and sorts names as people count', () => {
    expect(ids({})).toEqual(['depot-01', 'quay-9', 'quay-10']);
    expect(ids({ sort: 'device' })).toEqual(['depot-01', 'quay-9', 'quay-10']);
    expect(ids({ sort: '-p95' })).toEqual(['quay-9', 'quay-10', 'depot-01']);
  });
  it('filters by facets and by words', () => {
    expect(ids({ connectivity: 'online' })).toEqual(['quay-9', 'quay-10']);
    expect(ids({ connectivity: 'online', update: 'in_motion' })).toEqual(['quay-9']);
    expect(ids({ q: 'QUAY 0.25' })).toEqual(['quay-10']);
    expect(ids({ variant: small.id })).toEqual(['quay-10']);
    expect(ids({ q: 'nowhere' })).toEqual([]);
  });
  it('reads what it wrote, and leaves out what means nothing', () => {
    const query = readListQuery({ q: ' quay ', connectivity: 'online,late,nonsense', sort: '-fps', variant: 'x' });
    expect(filterCount(query)).toBe(3);
    const href = listHref(query);
    expect(href).toBe('/devices?q=quay&connectivity=online,late&sort=-fps');
    expect(readListQuery(Object.fromEntries(new URL(href, 'http://x').searchParams))).toEqual(query);
    expect(listHref(query, { text: '', connectivity: [], sort: 'worst' })).toBe('/devices');
    expect(toggled(toggled(query.connectivity, 'late'), 'offline')).toEqual(['online', 'offline']);
  });
  it('counts facets before they are chosen', () => {
    const counts = facetCounts(devices);
    expect(counts.connectivity.get('online')).toBe(2);
    expect(counts.update.get('in_motion')).toBe(1);
    expect(counts.variant.get(small.id)).toBe(1);
  });
});
