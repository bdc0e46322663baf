import { describe, expect, it } from 'vitest';
import { type SnapshotFacts, snapshotStatus } from './snapshot-facts.ts';

const now = 1_800_000_000_000;
const asked = (fields: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id: 'a',
  requestedAt: now - 3000,
  openUntil: now + 62_000,
  answered: false,
  at: null,
  errorCode: null,
  errorMessage: null,
  label: null,
  width: null,
  height: null,
  ...fields,
});
const over = { requestedAt: now - 65_000, openUntil: now };

describe('snapshotStatus', () => {
  it('waits, until no answer would be taken any more', () => {
    expect(snapshotStatus(asked(), 'online', now)).toEqual({
      state: 'waiting',
      text: 'Asked 3\u00A0s ago. A picture comes with the next frame.',
    });
    expect(snapshotStatus(asked(over), 'online', now - 1).state).toBe('waiting');
    expect(snapshotStatus(asked(over), 'offline', now)).toEqual({
      state: 'timed_out',
      text: 'No answer within 65 s: the device is offline.',
    });
    expect(snapshotStatus(asked(over), 'online', now).text).toContain('does not know the question');
  });

  it('says who can allow what was refused, and gives any other reason as the agent does', () => {
    const refused = (errorCode: string, errorMessage: string) =>
      snapshotStatus(asked({ answered: true, errorCode, errorMessage }), 'online', now);
    expect(refused('snapshots_off', 'no').text).toContain('the owner of this device has not allowed pictures');
    expect(refused('camera_missing', 'the camera gives no frames')).toEqual({
      state: 'refused',
      text: 'Refused: the camera gives no frames.',
    });
  });

  it('has nothing to say of none, and of one that came', () => {
    expect(snapshotStatus(null, 'online', now)).toEqual({ state: 'none', text: null });
    expect(snapshotStatus(asked({ ...over, answered: true, at: now }), 'online', now)).toEqual({ state: 'taken', text: null });
  });
});
