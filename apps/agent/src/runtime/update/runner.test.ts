/** @file Updates from end to end through the agent's own loops, with camera, network, disk and model played. */
import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeJournal, FakeKeyStore, FakeStore, startFakeAgent } from '../../../test/support/fake-agent.ts';
import { settle } from '../../../test/support/fake-clock.ts';
import { hubKeySet, hubKeys, keySet } from '../../../test/support/signing.ts';
import { desiredOf, issuedAt, quickPolicy, variant } from '../../../test/support/variants.ts';

const [a, b, c] = [variant('a'), variant('b', 64), variant('c')];
const known = [a, b, c];

const serving = async () => {
  const all = await startFakeAgent({ known, committed: a });
  await all.frames(2);
  return all;
};
const last = <T>(items: readonly T[]): T | undefined => items.at(-1);

describe('an update', () => {
  it('walks its phases, serves the new variant, and commits it after ten good frames', async () => {
    const { want, frames, phases, link, journal, store, classifiers } = await serving();
    await want(b, 1);
    await frames(2);
    expect(last(link.reports)).toMatchObject({ phase: 'probation', serving: { sha256: b.sha256 } });
    expect(journal.state?.committed?.sha256).toBe(a.sha256);
    await frames(9);
    expect(phases()).toEqual(['idle', 'downloading', 'verifying', 'staged', 'warming', 'switching', 'probation', 'committed']);
    expect(last(link.reports)).toMatchObject({ outcome: 'ok', revision: 1, serving: { sha256: b.sha256 } });
    expect(journal.state).toMatchObject({ revision: 1, committed: { sha256: b.sha256 } });
    expect(journal.state?.trying).toBeUndefined();
    expect(store.fetched).toEqual([`http://hub:1880/models/${b.sha256}`]);
    expect(store.kept).toEqual([b.sha256, a.sha256]);
    expect(classifiers.lane(a).closed).toBe(true);
    expect(classifiers.lane(b).closed).toBe(false);
  });

  it('leaves no gap in the frames and tells of each which variant answered it', async () => {
    const { want, frames, outbox, clock } = await serving();
    await want(b, 1);
    await frames(14);
    await clock.advance(3000);
    const results = (await outbox.read('results', undefined, 100)).map(
      ({ body }) => JSON.parse(body) as { frame: number; variant: string },
    );
    expect(results.map(({ frame }) => frame)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(results.map((result) => result.variant[0]).join('')).toBe(`aaa${'b'.repeat(13)}`);
  });

  it('asks nothing of the camera where the new variant takes the same frames', async () => {
    const { want, frames, camera, link } = await serving();
    await want(c, 1);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
    expect(camera.resizes).toBe(0);
    await want(b, 2);
    await frames(14);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(camera.resizes).toBe(1);
  });

  it('does nothing where the wanted variant serves already, and nothing for a number that it has seen', async () => {
    const { want, store, classifiers, link, log } = await serving();
    await want(a, 3);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 3, outcome: 'ok' });
    await want(b, 2);
    expect(last(link.reports)?.lastError).toMatchObject({ code: 'desired_stale' });
    expect(log.lines.filter((line) => line.includes('older than 3'))).toHaveLength(1);
    await want(a, 3);
    expect(last(link.reports)?.lastError).toBeUndefined();
    expect(store.fetched).toEqual([]);
    expect(classifiers.lanes).toHaveLength(1);
  });

  it('serves the first variant of a device that never had one', async () => {
    const { want, frames, link, journal } = await startFakeAgent({ known });
    expect(link.reports).toEqual([]);
    await want(c, 1);
    await frames(11);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
    expect(journal.state?.committed?.sha256).toBe(c.sha256);
  });
});

describe('an update that fails', () => {
  it('is refused for good where the bytes are not what was promised', async () => {
    const { want, store, link, clock, frame, journal } = await serving();
    store.verifyFault = new AlpharhoError('digest_mismatch', 'the bytes have another SHA-256');
    await want(b, 1);
    expect(last(link.reports)).toMatchObject({
      phase: 'failed',
      outcome: 'refused',
      lastError: { code: 'digest_mismatch' },
      serving: { sha256: a.sha256 },
    });
    await clock.advance(3_600_000);
    expect(store.fetched).toHaveLength(1);
    expect(journal.state?.outcome?.code).toBe('refused');
    await frame();
    expect(last(link.reports)?.serving.sha256).toBe(a.sha256);
  });

  it('is refused where the file contradicts the desired state', async () => {
    const { want, link, classifiers } = await serving();
    await want(b, 1, { manifest: { labels: 'f'.repeat(64) } });
    expect(last(link.reports)).toMatchObject({ outcome: 'refused', lastError: { code: 'variant_mismatch' } });
    expect(classifiers.discarded).toBe(1);
  });

  it('is refused where the model does not run here', async () => {
    const { want, link, classifiers } = await serving();
    classifiers.warmFault = new AlpharhoError('warmup_failed', 'the model does not run here');
    await want(b, 1);
    expect(last(link.reports)).toMatchObject({ phase: 'failed', outcome: 'refused', lastError: { code: 'warmup_failed' } });
  });

  it('is tried again, ever later, where a retry may help', async () => {
    const { want, store, link, clock, frames } = await serving();
    store.fetchFault = new AlpharhoError('download_failed', 'http://hub:1880: HTTP 503');
    await want(b, 1);
    expect(last(link.reports)).toMatchObject({ phase: 'failed', outcome: 'failed_no_change', lastError: { code: 'download_failed' } });
    await clock.advance(2500);
    expect(store.fetched).toHaveLength(2);
    await clock.advance(4000);
    expect(store.fetched).toHaveLength(2);
    store.fetchFault = undefined;
    await clock.advance(1000);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', outcome: 'ok', serving: { sha256: b.sha256 } });
    expect(last(link.reports)?.lastError).toBeUndefined();
  });

  it('goes back to the variant before where the new one dies in its first frames', async () => {
    const { want, frames, frame, camera, classifiers, link, journal } = await serving();
    await want(b, 1);
    await frames(4);
    expect(last(link.reports)?.phase).toBe('probation');
    classifiers.lane(b).die();
    await settle();
    expect(last(link.reports)).toMatchObject({ phase: 'rolled_back', outcome: 'rolled_back', lastError: { code: 'probation_failed' } });
    expect(camera.format?.rho).toBe(a.rho);
    await frame();
    await frame();
    expect(last(link.reports)?.serving.sha256).toBe(a.sha256);
    expect(classifiers.lane(b).closed).toBe(true);
    expect(classifiers.lane(a).closed).toBe(false);
    expect(journal.state).toMatchObject({ committed: { sha256: a.sha256 }, outcome: { code: 'rolled_back' } });
  });

  it('says so where there is nothing to go back to', async () => {
    const { want, frames, classifiers, link } = await startFakeAgent({ known });
    await want(c, 1);
    await frames(2);
    classifiers.lane(c).die();
    await settle();
    expect(last(link.reports)).toMatchObject({ phase: 'failed', outcome: 'unable_to_roll_back' });
  });
});

describe('a newer desired state', () => {
  it('replaces a download at once', async () => {
    const { want, frames, store, link } = await serving();
    store.hangs = true;
    await want(b, 1);
    expect(last(link.reports)).toMatchObject({ phase: 'downloading' });
    store.hangs = false;
    await want(c, 2);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 2, serving: { sha256: c.sha256 } });
  });

  it('replaces a warm-up at once', async () => {
    const { want, frames, classifiers, link } = await serving();
    classifiers.hangs = true;
    await want(b, 1);
    expect(last(link.reports)?.phase).toBe('warming');
    classifiers.hangs = false;
    await want(c, 2);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
  });

  it('replaces a switch that waits for its first frame', async () => {
    const { want, frames, classifiers, camera, link } = await serving();
    await want(b, 1);
    expect(last(link.reports)?.phase).toBe('switching');
    await want(c, 2);
    expect(classifiers.lane(b).closed).toBe(true);
    expect(camera.format?.rho).toBe(c.rho);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
  });

  it('ends a probation: the proven variant serves meanwhile', async () => {
    const { want, frames, store, link, classifiers } = await serving();
    await want(b, 1);
    await frames(4);
    store.hangs = true;
    await want(c, 2);
    await frames(3);
    expect(last(link.reports)).toMatchObject({ phase: 'downloading', serving: { sha256: a.sha256 } });
    expect(classifiers.lane(b).closed).toBe(true);
  });

  it('brings the committed variant back in the midst of a probation', async () => {
    const { want, frames, link, journal } = await serving();
    await want(b, 1);
    await frames(4);
    await want(a, 2);
    await frames(3);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 2, serving: { sha256: a.sha256 } });
    expect(journal.state?.committed?.sha256).toBe(a.sha256);
  });

  it('that asks for what is under way lets it go on', async () => {
    const { want, frames, store, link } = await serving();
    await want(b, 1);
    await want(b, 2);
    await frames(12);
    expect(store.fetched).toHaveLength(1);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 2 });
  });

  it('that asks again for what still waits for the end of the one before lets it begin', async () => {
    const { want, frames, link, store } = await serving();
    store.hangs = true;
    await want(c, 1);
    store.hangs = false;
    link.listener?.desired(desiredOf(b, 2));
    await want(b, 3);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 3, serving: { sha256: b.sha256 } });
  });

  it('is the last one of many that come at once', async () => {
    const { link, frames } = await serving();
    for (let revision = 1; revision <= 20; revision += 1) link.listener?.desired(desiredOf(revision % 2 === 0 ? b : c, revision));
    await settle();
    await frames(14);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', revision: 20, serving: { sha256: b.sha256 } });
  });
});

describe('a disk that takes its time', () => {
  /** Writes of the journal wait until the answer is called. */
  const hold = (journal: FakeJournal): (() => void) => {
    const save = journal.save.bind(journal);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    journal.save = (state) => held.then(() => save(state));
    return release;
  };

  it('lets no newer desired state come between a variant and its commit', async () => {
    const { want, frames, journal, store, log } = await serving();
    await want(b, 1);
    await frames(10);
    const release = hold(journal);
    await frames(1);
    store.hangs = true;
    await want(c, 2);
    release();
    await settle();
    expect(journal.state).toMatchObject({ revision: 2, target: c.sha256, committed: { sha256: b.sha256 } });
    expect(log.lines.join('\n')).not.toContain('was not taken');
  });

  it('does not take back the number under which the variant was asked for again', async () => {
    const { want, frames, journal } = await serving();
    await want(b, 1);
    await want(b, 2);
    await frames(12);
    expect(journal.state).toMatchObject({ revision: 2, target: b.sha256, committed: { sha256: b.sha256 }, outcome: { code: 'ok' } });
  });

  it('loses no commit where the agent stops', async () => {
    const { agent, want, frames, journal, clock } = await serving();
    await want(b, 1);
    await frames(10);
    const release = hold(journal);
    await frames(1);
    const stopped = agent.stop();
    release();
    await clock.advance(2000);
    await stopped;
    expect(journal.state).toMatchObject({ committed: { sha256: b.sha256 }, outcome: { code: 'ok' } });
    expect(journal.state).not.toHaveProperty('trying');
  });

  it('leaves no retry behind where the agent stops', async () => {
    const { agent, want, journal, store, clock } = await serving();
    store.fetchFault = new AlpharhoError('download_failed', 'http://hub:1880: HTTP 503');
    const release = hold(journal);
    await want(b, 1);
    const stopped = agent.stop();
    release();
    await clock.advance(2000);
    await stopped;
    expect(clock.pending).toBe(0);
  });
});

describe('after a restart', () => {
  it('goes on with an update that was under way when the same desired state comes', async () => {
    const journal = new FakeJournal();
    const store = new FakeStore();
    journal.state = { v: 1, revision: 4, target: b.sha256, committed: a };
    const { want, frames, link } = await startFakeAgent({ known, committed: a, journal, store });
    expect(last(link.reports)).toBeUndefined();
    await frames(1);
    expect(last(link.reports)).toMatchObject({ phase: 'idle', revision: 4, serving: { sha256: a.sha256 } });
    await want(b, 4);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
  });

  it('does nothing where it serves what is desired', async () => {
    const journal = new FakeJournal();
    journal.state = { v: 1, revision: 4, target: a.sha256, committed: a, outcome: { code: 'ok' } };
    const { want, frames, store, phases } = await startFakeAgent({ known, committed: a, journal });
    await frames(1);
    await want(a, 4);
    expect(phases()).toEqual(['committed']);
    expect(store.fetched).toEqual([]);
  });

  it('gives a variant up that the process died of three times', async () => {
    const journal = new FakeJournal();
    journal.state = { v: 1, revision: 4, target: b.sha256, committed: a, trying: { sha256: b.sha256, deaths: 2 } };
    const { want, frames, store, link } = await startFakeAgent({ known, committed: a, journal });
    await frames(1);
    await want(b, 4);
    expect(last(link.reports)).toMatchObject({ phase: 'failed', outcome: 'refused', lastError: { code: 'warmup_failed' } });
    expect(store.fetched).toEqual([]);
  });

  it('has it written down while a variant is on trial, and not after an orderly end', async () => {
    const { agent, want, frames, journal, clock, classifiers } = await serving();
    await want(b, 1);
    await frames(3);
    expect(journal.state?.trying).toEqual({ sha256: b.sha256, deaths: 0 });
    const stopped = agent.stop();
    await clock.advance(2000);
    await stopped;
    expect(journal.state?.trying).toBeUndefined();
    expect(classifiers.lanes.every(({ closed }) => closed)).toBe(true);
  });
});

describe('the variant that serves', () => {
  it('is started again when its thread dies, and the fault is told meanwhile', async () => {
    const { frames, classifiers, link, clock } = await serving();
    classifiers.lane(a).die();
    await settle();
    expect(last(link.reports)?.lastError).toMatchObject({ code: 'internal' });
    await frames(2);
    await clock.advance(1000);
    await frames(2);
    expect(classifiers.lanes).toHaveLength(2);
    expect(last(link.reports)?.lastError).toBeUndefined();
  });

  it('is there to go back to even where it died during a trial', async () => {
    const { want, frames, classifiers, link, clock } = await serving();
    await want(b, 1);
    await frames(4);
    const [first] = classifiers.lanes;
    first?.die();
    classifiers.lane(b).die();
    await settle();
    expect(last(link.reports)?.phase).toBe('rolled_back');
    await clock.advance(1000);
    await frames(3);
    expect(last(link.reports)?.serving.sha256).toBe(a.sha256);
    expect(classifiers.lane(b).closed).toBe(true);
  });

  it('that dies while a switch waits for its first frame is revived, and the switch still comes', async () => {
    const { want, frames, classifiers, link, clock, camera } = await serving();
    await want(b, 1);
    expect(last(link.reports)?.phase).toBe('switching');
    classifiers.lane(a).die();
    await clock.advance(1000);
    expect(classifiers.lanes.filter((lane) => lane.variant.sha256 === a.sha256)).toHaveLength(2);
    expect(camera.format?.rho).toBe(b.rho);
    await frames(13);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(classifiers.lane(a).closed).toBe(true);
  });

  it('goes on where the journal cannot be written: nothing new is tried that a restart would know nothing of, until it can be', async () => {
    const { want, frames, journal, link, clock, classifiers } = await serving();
    journal.fault = new AlpharhoError('disk_full', 'state.json: the disk is full');
    await want(c, 1);
    await frames(12);
    expect(last(link.reports)).toMatchObject({
      phase: 'failed',
      outcome: 'failed_no_change',
      serving: { sha256: a.sha256 },
      lastError: { code: 'disk_full' },
    });
    expect(classifiers.lanes).toHaveLength(1);
    journal.fault = undefined;
    await clock.advance(30_000);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
    expect(last(link.reports)?.lastError).toBeUndefined();
  });
});

describe('a variant that failed here by running', () => {
  const failing = async () => {
    const all = await serving();
    all.classifiers.warmFault = new AlpharhoError('warmup_failed', 'the model does not run here');
    await all.want(b, 1);
    all.classifiers.warmFault = undefined;
    return all;
  };

  it('is not tried again, however often it is desired, also after a restart', async () => {
    const { want, link, store, journal, agent, clock, events } = await failing();
    for (let revision = 2; revision <= 5; revision += 1) await want(b, revision);
    expect(last(link.reports)).toMatchObject({
      phase: 'failed',
      outcome: 'refused',
      revision: 5,
      lastError: { code: 'quarantined', message: expect.stringContaining('warmup_failed') },
      quarantined: [{ sha256: b.sha256, code: 'warmup_failed' }],
      serving: { sha256: a.sha256 },
    });
    expect(store.fetched).toHaveLength(1);
    expect(events().filter((id) => id === 'update.quarantined')).toHaveLength(1);
    const stopped = agent.stop();
    await clock.advance(2000);
    await stopped;
    const again = await startFakeAgent({ known, committed: a, journal });
    await again.frames(1);
    await again.want(b, 6);
    expect(again.store.fetched).toEqual([]);
    expect(last(again.link.reports)).toMatchObject({ lastError: { code: 'quarantined' }, quarantined: [{ sha256: b.sha256 }] });
  });

  it('is tried again with leave, once for each revision', async () => {
    const { want, frames, link, classifiers, store, events } = await failing();
    classifiers.warmFault = new AlpharhoError('warmup_failed', 'the model does not run here');
    await want(b, 2, { pardon: true });
    await want(b, 2, { pardon: true, issuedAt: issuedAt + 1 });
    expect(store.fetched).toHaveLength(2);
    classifiers.warmFault = undefined;
    await want(b, 3, { pardon: true });
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(last(link.reports)).not.toHaveProperty('quarantined');
    expect(events().filter((id) => id === 'update.pardoned')).toHaveLength(2);
  });

  it('lets another one pass', async () => {
    const { want, frames, link } = await failing();
    await want(c, 2);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
  });
});

describe('an update that is held', () => {
  it('is fetched and checked, and runs when the hold is lifted, without another download', async () => {
    const { want, frames, link, store, classifiers } = await serving();
    await want(b, 1, { hold: true });
    await frames(3);
    expect(last(link.reports)).toMatchObject({ phase: 'staged', held: true, serving: { sha256: a.sha256 } });
    // A variant that waits takes no memory.
    expect(classifiers.discarded).toBe(1);
    await want(b, 1, { issuedAt: issuedAt + 1 });
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(last(link.reports)).not.toHaveProperty('held');
    expect(store.fetched).toHaveLength(1);
  });

  it('waits for as long as it is held: no step runs out of time', async () => {
    const { want, link, clock } = await serving();
    await want(b, 1, { hold: true });
    await clock.advance(quickPolicy.step.ms * 3);
    expect(last(link.reports)).toMatchObject({ phase: 'staged', held: true });
  });

  it('gives way to another one', async () => {
    const { want, frames, link } = await serving();
    await want(b, 1, { hold: true });
    await want(c, 2);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
    expect(last(link.reports)).not.toHaveProperty('held');
  });
});

describe('a step that takes too long', () => {
  const ms = quickPolicy.step.ms;

  it('is given up, and tried again', async () => {
    const { want, frames, link, store, clock } = await serving();
    store.hangs = true;
    await want(b, 1);
    await clock.advance(ms + 1000);
    expect(last(link.reports)).toMatchObject({ phase: 'failed', outcome: 'failed_no_change', lastError: { code: 'step_timeout' } });
    store.hangs = false;
    await clock.advance(5000);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
  });

  it('is a hang where the variant warms up, and three of them are the variant', async () => {
    const { want, link, classifiers, clock, journal } = await serving();
    classifiers.hangs = true;
    await want(b, 1);
    for (let turn = 1; turn < 3; turn += 1) {
      await clock.advance(ms + 1000);
      expect(last(link.reports)).toMatchObject({ outcome: 'failed_no_change', lastError: { code: 'step_timeout' } });
      expect(journal.state?.trying).toEqual({ sha256: b.sha256, deaths: turn, over: true });
      await clock.advance(2500 * turn);
    }
    await clock.advance(ms + 1000);
    expect(last(link.reports)).toMatchObject({ outcome: 'refused', quarantined: [{ sha256: b.sha256, code: 'warmup_failed' }] });
    expect(journal.state?.trying).toBeUndefined();
  });

  it('that does not even hear that it is called off holds up no newer desired state', async () => {
    const { want, frames, link, store, clock } = await serving();
    const { fetch } = store;
    store.fetch = () => new Promise(() => undefined);
    await want(b, 1);
    store.fetch = fetch;
    await want(c, 2);
    await clock.advance(1000);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 } });
  });

  it('sends the variant back where no frame proves it', async () => {
    const { want, frames, link, clock } = await serving();
    await want(b, 1);
    await frames(3);
    expect(last(link.reports)?.phase).toBe('probation');
    await clock.advance(quickPolicy.probation.withinMs + 1000);
    await frames(3);
    expect(last(link.reports)).toMatchObject({
      phase: 'rolled_back',
      outcome: 'rolled_back',
      lastError: { code: 'step_timeout' },
      serving: { sha256: a.sha256 },
    });
    expect(last(link.reports)).not.toHaveProperty('quarantined');
  });

  it('sends the variant back where the hub does not give its word', async () => {
    const { want, frames, link, clock } = await serving();
    link.givesWord = false;
    await want(b, 1);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'probation', serving: { sha256: b.sha256 } });
    await clock.advance(quickPolicy.probation.withinMs + 1000);
    await frames(3);
    expect(last(link.reports)).toMatchObject({
      phase: 'rolled_back',
      lastError: { code: 'probation_unconfirmed' },
      serving: { sha256: a.sha256 },
    });
    expect(last(link.reports)).not.toHaveProperty('quarantined');
  });
});

describe('a variant that does not fit', () => {
  it('into the memory that is left is not opened', async () => {
    const { want, link, classifiers } = await startFakeAgent({
      known,
      committed: a,
      facts: () => ({ memoryBytes: 1, memoryAvailableBytes: 20_000_000 }),
    }).then(async (all) => {
      await all.frames(2);
      return all;
    });
    await want(b, 1);
    expect(last(link.reports)).toMatchObject({ outcome: 'failed_no_change', lastError: { code: 'memory_short' } });
    expect(classifiers.lanes).toHaveLength(1);
  });
});

describe('what comes to the door', () => {
  it('that is refused is told with its code, and what serves goes on', async () => {
    const { desire, frames, link, events, want } = await serving();
    await desire(desiredOf(b, 1, { device: 'pi-5' }));
    await frames(1);
    expect(last(link.reports)).toMatchObject({ phase: 'idle', lastError: { code: 'wrong_device' }, serving: { sha256: a.sha256 } });
    expect(events()).toContain('desired.refused');
    await want(b, 1);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(last(link.reports)?.lastError).toBeUndefined();
  });

  it('before its keys waits for them', async () => {
    const keyStore = new FakeKeyStore();
    const { want, frames, link, events } = await startFakeAgent({ known, committed: a, keyStore });
    await frames(1);
    await want(b, 1);
    expect(last(link.reports)?.lastError?.code).toBe('key_unknown');
    link.listener?.keys(hubKeySet);
    await settle();
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 }, keys: { version: 1 } });
    expect(events()).toContain('keys.trusted');
    expect(keyStore.kept?.keys).toEqual(hubKeySet);
  });

  it('is told as frozen once the latest has expired and nobody renews it', async () => {
    const { want, frames, link, clock } = await serving();
    await want(b, 1, { expiresAt: issuedAt + 600_000 });
    await frames(12);
    expect(last(link.reports)?.lastError).toBeUndefined();
    await clock.advance(660_000);
    expect(last(link.reports)).toMatchObject({ lastError: { code: 'desired_expired' }, serving: { sha256: b.sha256 } });
    await want(b, 1, { issuedAt: issuedAt + 660_000 });
    expect(last(link.reports)?.lastError).toBeUndefined();
  });

  it('is expired also by what the hub said last, where the clock is wrong', async () => {
    const facts = () => ({ memoryBytes: 1, clock: { synchronised: false } });
    const { want, frames, link, clock } = await startFakeAgent({ known, committed: a, facts });
    await frames(1);
    clock.jump(-issuedAt);
    await want(b, 2, { issuedAt: issuedAt + 5000 });
    await want(c, 3, { issuedAt: issuedAt + 1000, expiresAt: issuedAt + 4000 });
    expect(last(link.reports)?.lastError?.code).toBe('desired_expired');
  });

  it('from the far future, by a key that was stolen, keeps later ones away until the hub has other keys', async () => {
    const { want, frames, link } = await serving();
    const year = 365 * 86_400_000;
    await want(b, 1, { issuedAt: issuedAt + 50 * year });
    await frames(12);
    const terms = { expiresAt: issuedAt + year };
    await want(c, 2, terms);
    expect(last(link.reports)?.lastError?.code).toBe('desired_expired');
    link.listener?.keys(keySet(2, [hubKeys.release, hubKeys.desired], [hubKeys.release]));
    await settle();
    await want(c, 2, terms);
    await frames(12);
    expect(last(link.reports)).toMatchObject({ phase: 'committed', serving: { sha256: c.sha256 }, keys: { version: 2 } });
  });
});
