/** @file What leaves the device: the real agent, a real broker, the built-in inspection line. */
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { eventually, patience } from './support/wait.ts';

const small: Model = model(64);
let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small]);
});
afterEach(() => setting.end());

const request = (id: string) => ({ v: 1, id, kind: 'snapshot', issuedAt: Date.now() }) as const;

describe('a real agent', () => {
  it('tells changes with pictures of the frames, and numbers without gaps what it sends', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    const agent = run([
      ...['--model', await file(small), '--publish', 'change', '--change-count', '1', '--rate', '30'],
      ...['--thumbnails', '--thumbnail-side', '48', '--thumbnail-blur'],
    ]);
    const changes = () => hub.heard.events.map(({ message }) => message).filter(({ id }) => id === 'result.changed');
    await eventually('changes', () => changes().length >= 3 && hub.heard.telemetry.length > 0, 40_000);
    expect(await agent.stop()).toBe(0);
    const rows = hub.rows();
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    // Two rows that follow each other are of different labels, and each event is about the frame of a row.
    for (const [index, { top }] of rows.entries()) if (index > 0) expect(top[0]?.label).not.toBe(rows[index - 1]?.top[0]?.label);
    for (const change of changes()) {
      expect(rows.find(({ frame }) => frame === change.frame)?.top[0]?.label).toBe(change.top?.[0]?.label);
      const { data = '', width } = change.thumbnail ?? {};
      expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ format: 'jpeg', width, height: 48 });
    }
    const windows = hub.heard.telemetry.map(({ message }) => message.frames);
    const sum = (key: 'classified' | 'published') => windows.reduce((total, frames) => total + (frames[key] ?? Number.NaN), 0);
    expect(sum('published')).toBe(rows.length);
    expect(sum('classified')).toBeGreaterThan(sum('published'));
    const { system } = hub.heard.telemetry[0]?.message ?? {};
    // The camera's address has a rate of its own: a warning of before anything was started.
    expect(hub.heard.events.map(({ message }) => message.id)).toContain('log.warning');
    expect(system).toMatchObject({ dropped: {}, memoryTotalBytes: expect.any(Number), diskTotalBytes: expect.any(Number) });
  });

  it('sends a picture when it is asked, where its owner allowed it', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    const agent = run(['--model', await file(small), '--snapshots']);
    await eventually('first results', () => hub.history.size > 0);
    hub.ask('pi-4', request('request-1'));
    await eventually('the picture', () => hub.heard.snapshot.length === 1);
    const { id, image, top } = hub.heard.snapshot[0]?.message ?? {};
    expect(id).toBe('request-1');
    expect(top?.length).toBeGreaterThan(0);
    expect(await sharp(Buffer.from(image?.data ?? '', 'base64')).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 64 });
    expect(await agent.stop()).toBe(0);
  });

  it('says why it sends none', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    const agent = run(['--model', await file(small)]);
    await eventually('first results', () => hub.history.size > 0);
    hub.ask('pi-4', request('request-1'));
    await eventually('the answer', () => hub.heard.snapshot.length === 1);
    expect(hub.heard.snapshot[0]?.message.error).toMatchObject({ code: 'snapshots_off' });
    expect(await agent.stop()).toBe(0);
  });

  it('works with a hub of before there were requests', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    await hub.kill();
    await hub.listen({ older: true });
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size > 0, 20_000);
    expect(agent.log()).not.toContain('refuse');
    expect(await agent.stop()).toBe(0);
  });
});
