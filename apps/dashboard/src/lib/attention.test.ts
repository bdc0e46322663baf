import { describe, expect, it } from 'vitest';
import { judge, seesNow, sentence } from './attention.ts';
import type { DeviceFacts } from './device-facts.ts';
import { device } from './test-facts.ts';

const now = 1_800_000_000_000;
const hub = { heartbeatAt: now, running: true };
const online = { presence: 'online', presenceAt: now - 60_000, lastSeenAt: now - 1000 };
const wants = (facts: Partial<DeviceFacts>) =>
  judge(device({ ...online, ...facts }), hub, now).attention.map(({ severity, word, cause, since }) => [severity, word, cause, since]);

describe('what wants a person', () => {
  it('is nothing of a device that is well', () => {
    expect(wants({ throttled: [], clockSynchronised: true, temperature: 60 })).toEqual([]);
  });

  it.each([
    ['lost', 'critical', 'Camera lost'],
    ['frozen', 'warning', 'Camera frozen'],
    ['black', 'warning', 'Camera black'],
  ])('is a camera that is %s, in the agent’s words', (cameraState, severity, word) => {
    expect(wants({ cameraState, cameraMessage: 'no frames for 10 s', cameraAt: now - 5000 })).toEqual([
      [severity, word, 'No frames for 10 s.', now - 5000],
    ]);
  });

  it('is a lost camera once, although the agent reports it as its error too', () => {
    const error = { errorCode: 'camera_missing', errorMessage: 'no such file', errorAt: now };
    expect(wants({ ...error, cameraState: 'lost', cameraMessage: 'no such file', cameraAt: now }).map(([, word]) => word)).toEqual([
      'Camera lost',
    ]);
    expect(wants(error).map(([, word]) => word)).toEqual(['Error']);
  });

  it('claims no beginning of what it only sees to be so', () => {
    expect(wants({ temperature: 84, outbox: 50_000 }).map(([, word, , since]) => [word, since])).toEqual([
      ['Behind', null],
      ['Hot', null],
    ]);
  });

  it('is a board that is throttled, since when and by how much, and heat only where it is not', () => {
    const hot = { temperature: 84, p95: 61 };
    expect(wants({ ...hot, throttled: ['throttled', 'under-voltage'], throttledSince: now - 9000 })).toEqual([
      [
        'warning',
        'Throttled',
        'Too little voltage: power supply or cable. Throttled, under-voltage at 84\u00A0°C; p95 61.0\u00A0ms.',
        now - 9000,
      ],
    ]);
    expect(wants({ ...hot, throttled: [] }).map(([, word]) => word)).toEqual(['Hot']);
  });

  it('is a clock that follows nothing, unless it is wrong already', () => {
    expect(wants({ clockSynchronised: false }).map(([severity, word]) => [severity, word])).toEqual([['notice', 'Clock unset']]);
    expect(wants({ clockSynchronised: false, clockOffsetMs: 90_000 }).map(([, word]) => word)).toEqual(['Clock off']);
  });

  it('keeps the letters of quantities', () => {
    expect(sentence('ρ 224 → 160')).toBe('ρ 224 → 160.');
    expect(sentence('p95 is 61 ms')).toBe('p95 is 61 ms.');
    expect(sentence('iPod, after toaster')).toBe('iPod, after toaster.');
    expect(sentence('camera: gone')).toBe('Camera: gone.');
  });

  it('knows when what was seen last is not what is seen now', () => {
    expect(seesNow(judge(device(online), hub, now))).toBe(true);
    expect(seesNow(judge(device({ ...online, cameraState: 'frozen' }), hub, now))).toBe(true);
    expect(seesNow(judge(device({ ...online, cameraState: 'lost' }), hub, now))).toBe(false);
    expect(seesNow(judge(device({ ...online, presence: 'offline' }), hub, now))).toBe(false);
  });

  it('is nothing but the silence of a device that is away', () => {
    const gone = { presence: 'offline', presenceAt: now, cameraState: 'lost', throttled: ['throttled'], clockSynchronised: false };
    expect(wants(gone).map(([, word]) => word)).toEqual(['Offline']);
  });
});
