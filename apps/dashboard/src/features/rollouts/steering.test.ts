import { parseRolloutSpec, type RolloutDeviceState, type RolloutState, rolloutDeviceStates, rolloutTransitions } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import type { RolloutDetail, RolloutDeviceFacts } from '@/server/rollouts/store/read.ts';
import { offersOf } from './steering.ts';

type Member = { state: RolloutDeviceState; phase: number };

function rollout(state: RolloutState, members: Member[], more: Partial<RolloutDetail> = {}): RolloutDetail {
  const devices = members.map(({ state: each, phase }, index) => ({ id: `cam-${index}`, state: each, phase }) as RolloutDeviceFacts);
  const counts = Object.fromEntries(
    Object.keys(rolloutDeviceStates).map((name) => [name, devices.filter((device) => device.state === name).length]),
  ) as RolloutDetail['counts'];
  const spec = parseRolloutSpec({ variant: 'a'.repeat(64), targets: { where: 'id=*' }, phases: [{ count: 1 }, { percent: 100 }] });
  return { state, phase: 0, phases: 2, pausedFrom: null, spec, devices, counts, ...more } as RolloutDetail;
}

const canary: Member[] = [
  { state: 'committed', phase: 0 },
  { state: 'waiting', phase: 1 },
  { state: 'waiting', phase: 1 },
];
const labels = (detail: RolloutDetail) => offersOf(detail).map(({ label }) => label);

describe('offersOf', () => {
  it('offers nothing that the machine would not hear', () => {
    for (const state of Object.keys(rolloutTransitions) as RolloutState[]) {
      for (const { type } of offersOf(rollout(state, canary))) expect(Object.keys(rolloutTransitions[state])).toContain(type);
    }
  });

  it('says how many devices each word concerns', () => {
    expect(labels(rollout('awaiting_approval', canary))).toEqual([
      'Approve, 2\u00A0more devices',
      'Pause',
      'Abort',
      'Roll back 1\u00A0device',
    ]);
    const [advance] = offersOf(rollout('evaluating', canary)).filter(({ type }) => type === 'skip');
    expect(advance).toMatchObject({ label: 'Advance anyway', phase: 0, question: { devices: 2 } });
    expect(labels(rollout('evaluating', canary, { phase: 1 }))).toContain('Finish anyway');
  });

  it('does not offer to skip what is not there, nor a way back where nobody has it', () => {
    expect(labels(rollout('paused', canary, { pausedFrom: 'running' }))).not.toContain('Advance anyway');
    expect(labels(rollout('paused', canary, { pausedFrom: 'evaluating' }))).toContain('Advance anyway');
    expect(labels(rollout('running', [{ state: 'waiting', phase: 0 }]))).toEqual(['Pause', 'Abort']);
  });

  it('tries again what failed; on the way back what could not go back', () => {
    const failed: Member[] = [...canary, { state: 'failed', phase: 0 }, { state: 'return_failed', phase: 0 }];
    expect(labels(rollout('evaluating', failed))).toContain('Retry 1\u00A0failed device');
    const back = offersOf(rollout('paused', failed, { pausedFrom: 'rolling_back' }));
    expect(back.find(({ type }) => type === 'retry')?.question?.consequence).toBe('They are told once more to go back.');
  });
});
