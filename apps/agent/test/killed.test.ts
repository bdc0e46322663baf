/** @file SIGKILL to the real process in each phase of an update: the next one serves, and the hub sees what serves. */
import type { UpdatePhase } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { quickPolicy } from './support/variants.ts';
import { eventually, patience } from './support/wait.ts';

const old: Model = model(64);
const wanted: Model = model(96);
const phases = ['downloading', 'verifying', 'staged', 'warming', 'shadowing', 'switching', 'probation', 'committed'] as const;
const policy = { ...quickPolicy, shadow: { ...quickPolicy.shadow, frames: 5, minAgreement: 0 } };

let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([old, wanted]);
});
afterEach(() => setting.end());

const reached = (phase: UpdatePhase) => setting.hub.heard.reported.some(({ message }) => message.phase === phase && message.revision === 2);

describe('an agent that is killed', () => {
  it.each(phases)('as it reports %s serves again, and takes the variant up again', { timeout: 90_000 * patience }, async (phase) => {
    const { hub, run, file, desire, lastReported } = setting;
    const args = ['--model', await file(old)];
    const first = run(args);
    desire(old, 1);
    await eventually('the first commit', () => lastReported()?.phase === 'committed', 30_000);
    desire(wanted, 2, { policy });
    await eventually(phase, () => reached(phase), 30_000);
    first.child.kill('SIGKILL');
    await first.exited;
    const session = hub.rows().at(-1)?.session;
    const second = run(args);
    const serving = await eventually('a result', () => hub.rows().find((row) => row.session !== session)?.sha256, 30_000);
    expect([old.variant.sha256, wanted.variant.sha256]).toContain(serving);
    await eventually('the commit', () => lastReported()?.phase === 'committed' && lastReported()?.revision === 2, 30_000);
    expect(lastReported()?.serving.sha256).toBe(wanted.variant.sha256);
    await eventually('its results', () => hub.rows().at(-1)?.sha256 === wanted.variant.sha256);
    expect(await second.stop()).toBe(0);
  });
});
