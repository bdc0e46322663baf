/**
 * @file Error, death and hang in every phase of an update and at every write, with all the agent's loops on a played board. After each, and
 * after one more restart, exactly one valid variant serves at once, and what the hub was told last is what serves. test/killed.test.ts does
 * some of it with real processes.
 */
import { AlpharhoError, devicePolicySchema, type UpdatePhase } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeLink, startFakeAgent } from './support/fake-agent.ts';
import { FakeClassifiers } from './support/fake-lanes.ts';
import { type Disk, type Fate, Life, MortalJournal, MortalKeyStore, MortalStore, type Plan } from './support/mortal.ts';
import { hubKeySet } from './support/signing.ts';
import { onWire, variant } from './support/variants.ts';

const [old, wanted] = [variant('a'), variant('b')];
const policy = devicePolicySchema.parse({ shadow: { frames: 3 }, probation: { frames: 4 } });
const revision = 2;

/** A device that has committed `old`, with the hub's keys. */
function newDisk(): Disk {
  return {
    journal: { v: 1, revision: 1, target: old.sha256, committed: onWire(old), outcome: { code: 'ok' } },
    keys: { v: 1, keys: hubKeySet },
    files: new Map([[old.sha256, FakeClassifiers.file(old)]]),
  };
}

type Board = Awaited<ReturnType<typeof start>>;

async function start(life: Life, dieIn?: UpdatePhase) {
  const link = new FakeLink();
  link.onReported = ({ phase, revision: reported }) => {
    if (phase === dieIn && reported === revision) life.die();
  };
  const parts = { link, journal: new MortalJournal(life), store: new MortalStore(life), keyStore: new MortalKeyStore(life) };
  const board = await startFakeAgent({ known: [old, wanted], ...parts });
  await board.frames(1);
  return { ...board, life };
}

const isOver = (phase: UpdatePhase | undefined): boolean => phase === 'committed' || phase === 'failed' || phase === 'rolled_back';
const lastReport = ({ link }: Board) => link.reports.at(-1);

/** Frames come and time goes by, until the update has ended or the process is dead. */
async function drive(board: Board, seconds: number, hasFrames: (board: Board) => boolean = () => true): Promise<void> {
  for (let at = 0; at < seconds && !board.life.dead; at += 1) {
    if (lastReport(board)?.revision === revision && isOver(lastReport(board)?.phase)) return;
    if (hasFrames(board)) await board.frame();
    await board.clock.advance(1000);
  }
}

const desire = (board: Board): Promise<void> => board.want(wanted, revision, { policy });

/** Exactly one lane serves, it answers frames, its file is on the disk, and the hub knows it. */
async function expectServes(board: Board): Promise<string | undefined> {
  const results = async (): Promise<{ variant: string }[]> =>
    (await board.outbox.read('results', undefined, 10_000)).map(({ body }) => JSON.parse(body));
  await board.clock.advance(3000);
  const before = (await results()).length;
  await board.frames(3);
  await board.clock.advance(3000);
  const answered = (await results()).slice(before);
  expect(answered.length).toBeGreaterThan(0);
  const serving = answered.at(-1)?.variant;
  expect([old.sha256, wanted.sha256]).toContain(serving);
  expect(lastReport(board)?.serving.sha256).toBe(serving);
  const open = board.classifiers.lanes.filter(({ closed }) => !closed).map((lane) => lane.variant.sha256);
  // While another try is under way, a second lane is on trial.
  expect(open).toEqual(isOver(lastReport(board)?.phase) ? [serving] : expect.arrayContaining([serving]));
  return serving;
}

/** The next process, on the same disk: it serves at once, and comes to rest within half a minute of the hub's word. */
async function expectRecovers(disk: Disk): Promise<string | undefined> {
  const board = await start(new Life(disk));
  const atStart = await expectServes(board);
  expect(disk.journal?.committed?.sha256).toBe(atStart);
  await desire(board);
  await drive(board, 30);
  const serving = await expectServes(board);
  const report = lastReport(board);
  expect(report).toMatchObject({ revision });
  expect(isOver(report?.phase)).toBe(true);
  expect(serving).toBe(report?.phase === 'committed' ? wanted.sha256 : old.sha256);
  expect(disk.journal?.committed?.sha256).toBe(serving);
  expect([...disk.files.keys()]).toContain(serving);
  return serving;
}

/** What one process goes through. */
type Scene = {
  readonly plan?: Plan;
  readonly dieIn?: UpdatePhase;
  readonly before?: (board: Board) => unknown;
  /** Called after each report. */
  readonly during?: (board: Board, phase: UpdatePhase) => void;
  readonly hasFrames?: (board: Board) => boolean;
};

async function live(disk: Disk, { plan, dieIn, before, during, hasFrames }: Scene): Promise<Board> {
  const board = await start(new Life(disk, plan), dieIn);
  before?.(board);
  const { onReported } = board.link;
  board.link.onReported = (report) => {
    onReported(report);
    if (report.revision === revision) during?.(board, report.phase);
  };
  await desire(board);
  await drive(board, 1500, hasFrames);
  return board;
}

const inPhase = (phase: UpdatePhase) => (board: Board) => lastReport(board)?.phase === phase;
const dies = (phase: UpdatePhase) => (board: Board, now: UpdatePhase) => {
  if (now === phase) setImmediate(() => board.classifiers.lane(wanted).die());
};
const fault = (code: 'download_failed' | 'digest_mismatch' | 'warmup_failed') => new AlpharhoError(code, 'it does not work');

const phases = ['downloading', 'verifying', 'staged', 'warming', 'shadowing', 'switching', 'probation', 'committed'] as const;

const errors: Record<(typeof phases)[number], Scene> = {
  downloading: { before: ({ store }) => Object.assign(store, { fetchFault: fault('download_failed') }) },
  verifying: { before: ({ store }) => Object.assign(store, { verifyFault: fault('digest_mismatch') }) },
  staged: { plan: { part: 'journal', at: 2, fate: 'fails' } },
  warming: { before: ({ classifiers }) => Object.assign(classifiers, { warmFault: fault('warmup_failed') }) },
  shadowing: { during: dies('shadowing') },
  switching: { during: dies('switching') },
  probation: { during: dies('probation') },
  committed: { plan: { part: 'keepOnly', at: 1, fate: 'fails' } },
};

const hangs: Record<(typeof phases)[number], Scene> = {
  downloading: { before: ({ store }) => Object.assign(store, { hangs: true }) },
  verifying: { plan: { part: 'verify', at: 1, fate: 'hangs' } },
  staged: { plan: { part: 'journal', at: 2, fate: 'hangs' } },
  warming: { before: ({ classifiers }) => Object.assign(classifiers, { hangs: true }) },
  shadowing: { hasFrames: (board) => !inPhase('shadowing')(board) },
  switching: { hasFrames: (board) => !inPhase('switching')(board) },
  probation: { hasFrames: (board) => !inPhase('probation')(board) },
  committed: { plan: { part: 'keepOnly', at: 1, fate: 'hangs' } },
};

describe('a process that', () => {
  it.each(phases)('Killed_in_%s serves again, and takes the variant up again', async (phase) => {
    const disk = newDisk();
    const board = await live(disk, { dieIn: phase });
    expect(board.life.dead).toBe(true);
    expect(await expectRecovers(disk)).toBe(wanted.sha256);
  });

  it.each(phases)('meets Error_in_%s goes on with one of the two, also after a restart', async (phase) => {
    const disk = newDisk();
    const board = await live(disk, errors[phase]);
    expect(isOver(lastReport(board)?.phase)).toBe(true);
    await expectServes(board);
    board.life.die();
    await expectRecovers(disk);
  });

  it.each(phases)('meets Hang_in_%s goes on with one of the two, also after a restart', async (phase) => {
    const disk = newDisk();
    const board = await live(disk, hangs[phase]);
    await expectServes(board);
    board.life.die();
    await expectRecovers(disk);
  });

  it('is killed while the hub does not give its word serves the old one again', async () => {
    const disk = newDisk();
    const board = await start(new Life(disk));
    board.link.givesWord = false;
    await desire(board);
    await drive(board, 20);
    expect(lastReport(board)).toMatchObject({ phase: 'probation', serving: { sha256: wanted.sha256 } });
    board.life.die();
    const next = await start(new Life(disk));
    expect(await expectServes(next)).toBe(old.sha256);
    next.life.die();
    expect(await expectRecovers(disk)).toBe(wanted.sha256);
  });
});

/** Each write of an update that goes well, and what may become of it. */
const fates: readonly Fate[] = ['killed before', 'killed after', 'fails', 'hangs'];
const writes: readonly [part: Plan['part'], at: number, what: string][] = [
  ['journal', 1, 'the journal learns what is desired'],
  ['journal', 2, 'the journal learns what is tried'],
  ['journal', 3, 'the journal learns what is committed'],
  ['fetch', 1, 'the download'],
  ['verify', 1, 'the file gets its name'],
  ['put', 1, 'the committed file is kept'],
  ['keepOnly', 1, 'older files are forgotten'],
];

describe.each(writes)('%s write %i (%s)', (part, at) => {
  it.each(fates)('%s: one valid variant serves, also after a restart', async (fate) => {
    const disk = newDisk();
    const board = await live(disk, { plan: { part, at, fate } });
    expect(board.life.struck).toBe(1);
    if (!board.life.dead) await expectServes(board);
    board.life.die();
    await expectRecovers(disk);
  });
});

describe('each write of an update that is rolled back', () => {
  const cases = [1, 2, 3].flatMap((at) => fates.map((fate) => [at, fate] as const));

  it.each(cases)('journal write %i %s: the old one serves on', async (at, fate) => {
    const disk = newDisk();
    const board = await live(disk, { plan: { part: 'journal', at, fate }, during: dies('probation') });
    expect(board.life.struck).toBe(1);
    if (!board.life.dead) expect(await expectServes(board)).toBe(old.sha256);
    board.life.die();
    await expectRecovers(disk);
  });
});

describe('the key set', () => {
  it.each(fates)('whose write %s keeps nothing from serving', async (fate) => {
    const disk = { ...newDisk(), keys: undefined };
    const board = await start(new Life(disk, { part: 'keys', at: 1, fate }));
    board.link.listener?.keys(hubKeySet);
    await desire(board);
    await drive(board, 30);
    expect(board.life.struck).toBe(1);
    board.life.die();
    const next = await start(new Life(disk));
    await expectServes(next);
    next.link.listener?.keys(hubKeySet);
    await desire(next);
    await drive(next, 30);
    expect(await expectServes(next)).toBe(wanted.sha256);
    expect(disk.keys).toBeDefined();
  });
});

describe('a disk', () => {
  it('that takes no write of the journal keeps the old one in service, over restarts, until it does', async () => {
    const disk = newDisk();
    for (let run = 0; run < 3; run += 1) {
      const board = await live(disk, { plan: { part: 'journal', at: 0, fate: 'fails' } });
      expect(await expectServes(board)).toBe(old.sha256);
      expect(lastReport(board)).toMatchObject({ outcome: 'failed_no_change' });
      board.life.die();
    }
    expect(await expectRecovers(disk)).toBe(wanted.sha256);
  });

  it("that lost the committed variant's file serves the one before", async () => {
    const disk = newDisk();
    const board = await live(disk, {});
    expect(await expectServes(board)).toBe(wanted.sha256);
    board.life.die();
    disk.files.delete(wanted.sha256);
    const next = await start(new Life(disk));
    expect(await expectServes(next)).toBe(old.sha256);
    await desire(next);
    await drive(next, 30);
    expect(await expectServes(next)).toBe(wanted.sha256);
  });
});

describe('a reboot loop', () => {
  it('by a variant that kills the process ends after three times, and the variant is quarantined', async () => {
    const disk = newDisk();
    for (let run = 0; run < 3; run += 1) {
      const board = await live(disk, { dieIn: 'warming' });
      expect(board.life.dead).toBe(true);
    }
    const board = await live(disk, { dieIn: 'warming' });
    expect(board.life.dead).toBe(false);
    expect(await expectServes(board)).toBe(old.sha256);
    expect(lastReport(board)).toMatchObject({ outcome: 'refused', quarantined: [{ sha256: wanted.sha256, code: 'warmup_failed' }] });
    expect(await expectRecovers(disk)).toBe(old.sha256);
  });

  it('by power cuts in one phase and another is survived: three in the trial are the variant, before it they are not', async () => {
    const disk = newDisk();
    for (const phase of ['downloading', 'verifying', 'downloading', 'verifying', 'shadowing', 'probation'] as const)
      await live(disk, { dieIn: phase });
    expect(await expectRecovers(disk)).toBe(wanted.sha256);
  });
});
