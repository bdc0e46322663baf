import { LatencySketch } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import type { DeviceFacts } from '@/lib/device-facts.ts';
import { device, variant } from '@/lib/test-facts.ts';
import { type FleetWindow, fleetView } from './view-model.ts';

const now = Date.UTC(2026, 5, 1, 12, 0, 30);
const minute = 60_000;
const hub = { heartbeatAt: now - 2_000, running: true };
const small = variant({ id: 'a'.repeat(64), alpha: 0.25, rho: 128, multiplyAdds: 13_600_000 });
const large = variant({ id: 'b'.repeat(64), alpha: 1, rho: 224, multiplyAdds: 568_700_000 });

const healthy = (id: string, more: Partial<DeviceFacts> = {}) =>
  device({
    id,
    presence: 'online',
    presenceAt: now - minute,
    lastSeenAt: now - 1000,
    serving: small,
    servingId: small.id,
    desired: small,
    desiredId: small.id,
    fps: 10,
    p95: 4,
    ...more,
  });

function window(deviceId: string, start: number, ms: number[], frames = 600): FleetWindow {
  const sketch = new LatencySketch();
  for (const value of ms) sketch.record(value);
  return { deviceId, variantId: small.id, start, captured: frames, classified: frames, dropped: 0, total: sketch.toWire() };
}

function view(devices: DeviceFacts[], windows: FleetWindow[] = [], hubFacts = hub) {
  return fleetView({ now, hub: hubFacts, devices, windows, bucketMs: minute, rangeMs: 30 * minute });
}

const sub = (result: ReturnType<typeof view>, key: string) =>
  result.tiles
    .find((tile) => tile.key === key)
    ?.sub.map(({ text }) => text)
    .join('')
    .replaceAll('\u00A0', ' ');

describe('fleetView', () => {
  it('says in numbers that a healthy fleet is healthy, and asks for nothing', () => {
    const result = view([healthy('line-01'), healthy('line-02')]);
    expect(result.tiles.map(({ value, unit }) => `${value} ${unit}`)).toEqual(['2 / 2', '20.0 /s', '— ', '0 devices']);
    expect(sub(result, 'online')).toBe('every device heard in time');
    expect(result.attention).toEqual([]);
  });
  it('puts the worst device on top and counts what is off target by who has to act', () => {
    const failed = {
      desired: large,
      desiredId: large.id,
      desiredRevision: 2,
      seenRevision: 2,
      phase: 'failed',
      errorMessage: 'disk full: 6 MB free, 24 MB needed',
    };
    const result = view([
      healthy('line-01'),
      healthy('line-02', { desired: large, desiredId: large.id, desiredRevision: 2, seenRevision: 2, phase: 'downloading', progress: 40 }),
      healthy('line-03', failed),
      healthy('line-04', { presence: 'offline', presenceReason: 'lost', presenceAt: now - 22 * minute }),
      healthy('line-05', { lastSeenAt: now - 20_000 }),
    ]);
    expect(result.devices.map(({ facts }) => facts.id)).toEqual(['line-03', 'line-04', 'line-05', 'line-02', 'line-01']);
    expect(sub(result, 'online')).toBe('1 offline, 1 late');
    expect(sub(result, 'target')).toBe('1 updating, 1 needs you');
    expect(result.attention.map(({ deviceId, word }) => `${deviceId} ${word}`)).toEqual([
      'line-04 Offline',
      'line-03 Update failed',
      'line-05 Late',
    ]);
    expect(result.attention[1]?.cause).toBe('Disk full: 6 MB free, 24 MB needed. V1 0.25×128 still serves.');
  });
  it('takes the fleet’s p95 from all frames together, not from the devices’ figures', () => {
    const fast = Array.from({ length: 990 }, () => 5);
    const slow = Array.from({ length: 10 }, () => 50);
    const result = view(
      [healthy('line-01'), healthy('line-02', { p95: 50 })],
      [window('line-01', now - minute, fast), window('line-02', now - minute, slow)],
    );
    expect(result.tiles[2]?.value).toBe('5.0');
    expect(sub(result, 'latency')).toBe('slowest line-02, 50.0 ms');
  });
  it('leaves minutes without frames open in its trends', () => {
    const result = view([healthy('line-01')], [window('line-01', Math.floor(now / minute) * minute - 3 * minute, [5])]);
    const trend = result.trends.get('line-01');
    expect(trend).toHaveLength(29);
    expect(trend?.filter((value) => value !== null)).toHaveLength(1);
    expect(trend?.at(-3)).toBeCloseTo(5, 0);
  });
  it('calls devices unknown, not late, while the hub is down', () => {
    const result = view([healthy('line-01', { lastSeenAt: now - 600_000 })], [], { heartbeatAt: now - 599_000, running: false });
    expect(result.devices[0]?.connectivity.state).toBe('unknown');
    expect(sub(result, 'online')).toBe('1 unknown: the hub is down');
    expect(result.tiles.find(({ key }) => key === 'frames')).toMatchObject({ value: '—', unit: '' });
    expect(sub(result, 'target')).toBe('as last heard');
    expect(result.attention.map(({ word }) => word)).toEqual(['Not running']);
  });
  it('sums variants in service by board, the largest first', () => {
    const board = { boardModel: 'Raspberry Pi 4 Model B Rev 1.4' };
    const result = view([
      healthy('a', board),
      healthy('b', { ...board, serving: large, servingId: large.id, desired: large, desiredId: large.id, p95: 9 }),
    ]);
    expect(result.service.rows.map(({ variant: { name }, devices, worstP95 }) => [name, devices, worstP95])).toEqual([
      ['V1 1.0×224', 1, 9],
      ['V1 0.25×128', 1, 4],
    ]);
    expect(result.service.boards).toHaveLength(1);
    expect(result.service.boards[0]?.parts.map(({ step }) => step)).toEqual([0, 3]);
  });
});
