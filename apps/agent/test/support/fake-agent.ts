/** @file The agent's loops, really wired, on ports that a test plays. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import {
  AlpharhoError,
  type ErrorCode,
  encode,
  type Keys,
  type MessageOf,
  type Reported,
  type Sha256,
  type Signed,
  type TopicName,
} from '@alpharho/protocol';
import { type FrameFormat, sameFormat } from '../../src/domain/frames.ts';
import type { KeptKeys } from '../../src/domain/kept-keys.ts';
import type { KeptState } from '../../src/domain/kept-state.ts';
import type {
  Camera,
  FrameSink,
  Journal,
  KeyStore,
  Link,
  LinkListener,
  ModelStore,
  SystemFacts,
  TrustFile,
} from '../../src/domain/ports.ts';
import { JpegPictures } from '../../src/io/pictures/jpeg-pictures.ts';
import { signatures } from '../../src/io/system/signatures.ts';
import { EventRecorder } from '../../src/runtime/event-recorder.ts';
import { type GovernorSettings, ungoverned } from '../../src/runtime/governor.ts';
import { Agent } from '../../src/runtime/lifecycle.ts';
import { type PublishingSettings, publishEverything } from '../../src/runtime/publisher.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeClassifiers } from './fake-lanes.ts';
import { rememberedLog } from './logs.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import { hubKeySet } from './signing.ts';
import { desiredOf, type Terms, testDevice } from './variants.ts';

/** Gives a frame when a test says so: of the old format until the new one was asked for and one frame went by. */
export class FakeCamera implements Camera {
  readonly name = 'fake';
  readonly isLive: boolean;
  /** What every byte of the next frame is. */
  shade = 0;
  format: FrameFormat | undefined;
  sink: FrameSink | undefined;
  stopped = false;
  /** How often another format was asked for. */
  resizes = 0;
  private late: FrameFormat | undefined;

  constructor(isLive = false) {
    this.isLive = isLive;
  }

  async check(): Promise<void> {}

  start(format: FrameFormat, sink: FrameSink): void {
    this.format = format;
    this.sink = sink;
  }

  resize(format: FrameFormat): void {
    this.resizes += 1;
    this.late = this.format !== undefined && !sameFormat(this.format, format) ? this.format : undefined;
    this.format = format;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }

  fault(code: ErrorCode, message: string): void {
    this.sink?.fault(new AlpharhoError(code, message));
  }

  frame(): void {
    const format = this.late ?? this.format;
    this.late = undefined;
    if (format === undefined || this.sink === undefined) return;
    this.sink.begin(format)?.fill(this.shade);
    this.sink.commit(format, 1);
  }
}

export class FakeStore implements ModelStore {
  readonly files = new Map<Sha256, Uint8Array>();
  readonly fetched: string[] = [];
  kept: readonly Sha256[] = [];
  /** What the next fetch or check meets. */
  fetchFault: AlpharhoError | undefined;
  verifyFault: AlpharhoError | undefined;
  /** Set: a fetch does not end until it is aborted. */
  hangs = false;

  async load(sha256: Sha256): Promise<Uint8Array | undefined> {
    return this.files.get(sha256);
  }

  async fetch({ sha256, url }: { sha256: Sha256; url: URL }, progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    this.fetched.push(url.href);
    progress(50);
    if (this.hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    if (this.fetchFault !== undefined) throw this.fetchFault;
    this.files.set(sha256, Buffer.from(sha256));
  }

  async verify({ sha256 }: { sha256: Sha256 }): Promise<Uint8Array> {
    if (this.verifyFault !== undefined) throw this.verifyFault;
    return this.files.get(sha256) ?? Buffer.from('');
  }

  async put(sha256: Sha256, bytes: Uint8Array): Promise<void> {
    this.files.set(sha256, bytes);
  }

  async keepOnly(digests: readonly Sha256[]): Promise<void> {
    this.kept = digests;
  }
}

export class FakeJournal implements Journal {
  state: KeptState | undefined;
  fault: AlpharhoError | undefined;

  async load(): Promise<KeptState | undefined> {
    return this.state;
  }

  async save(state: KeptState): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.state = structuredClone(state);
  }
}

export class FakeKeyStore implements KeyStore {
  kept: KeptKeys | undefined;
  fault: AlpharhoError | undefined;

  constructor(keys?: Keys) {
    this.kept = keys && { v: 1, keys };
  }

  async load(): Promise<KeptKeys | undefined> {
    return this.kept;
  }

  async save(kept: KeptKeys): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.kept = kept;
  }
}

export class FakeLink implements Link {
  readonly reports: Reported[] = [];
  readonly published: { name: TopicName; message: unknown }[] = [];
  listener: LinkListener | undefined;
  onReported: (reported: Reported) => void = () => undefined;
  /** True: the hub commits whatever comes. */
  acknowledges = false;
  /** False: it does not even commit the phases of updates, and gives no variant its word. */
  givesWord = true;

  start(listener: LinkListener): void {
    this.listener = listener;
  }

  async publish<T extends TopicName>(name: T, message: MessageOf<T>): Promise<void> {
    encode(name, message);
    this.published.push({ name, message });
    if (name === 'reported') {
      this.reports.push(message as Reported);
      this.onReported(message as Reported);
    }
    const range = rangeOf(name, message);
    const commits = this.acknowledges || (this.givesWord && range?.stream === 'status');
    if (range !== undefined && commits) setImmediate(() => this.listener?.ack({ v: 1, acks: [range] }));
  }

  async stop(): Promise<void> {}
}

/** Which entries of which stream a message holds. */
function rangeOf(name: TopicName, message: unknown): MessageOf<'ack'>['acks'][number] | undefined {
  const { session, seq = 1, stream, results } = message as Partial<MessageOf<'events'> & MessageOf<'results'>> & { session: string };
  if (name === 'results') return { stream: name, session, from: results?.[0]?.seq ?? 1, to: results?.at(-1)?.seq ?? 1 };
  if (name === 'telemetry') return { stream: name, session, from: seq, to: seq };
  return name === 'events' && stream !== undefined ? { stream, session, from: seq, to: seq } : undefined;
}

export type FakeAgentOptions = {
  readonly known: readonly VariantInfo[];
  /** Committed before this start, and in the store. */
  readonly committed?: VariantInfo;
  readonly journal?: FakeJournal;
  readonly store?: FakeStore;
  readonly link?: FakeLink;
  /** Trusts the tests' hub, unless said. */
  readonly keyStore?: FakeKeyStore;
  readonly trust?: TrustFile;
  readonly publishing?: PublishingSettings;
  readonly governing?: GovernorSettings;
  /** The camera shows the world as it is now. */
  readonly isLive?: boolean;
  /** Variants are measured on this board. */
  readonly tunes?: boolean;
  readonly facts?: () => SystemFacts;
};

/** An agent that has started; with a committed variant it serves that. */
export async function startFakeAgent({
  known,
  committed,
  journal = new FakeJournal(),
  store = new FakeStore(),
  link = new FakeLink(),
  keyStore = new FakeKeyStore(hubKeySet),
  trust,
  publishing = publishEverything,
  governing = ungoverned,
  isLive = false,
  tunes = false,
  facts = () => ({ memoryBytes: 1 }),
}: FakeAgentOptions) {
  const clock = new FakeClock();
  const camera = new FakeCamera(isLive);
  const classifiers = new FakeClassifiers(known);
  classifiers.tunes = tunes;
  const outbox = new MemoryOutbox();
  const log = rememberedLog();
  const events = new EventRecorder({ session: 'session-now', clock, log });
  if (committed !== undefined) {
    store.files.set(committed.sha256, FakeClassifiers.file(committed));
    journal.state ??= { v: 1, revision: 0, committed };
  }
  const agent = new Agent({
    ports: {
      camera,
      classifiers,
      outbox,
      store,
      journal,
      keyStore,
      trust,
      signatures,
      link,
      pictures: new JpegPictures(),
      system: { facts: async () => facts() },
      clock,
      random: () => 0,
      events,
      log: events.log,
    },
    settings: {
      device: testDevice,
      session: 'session-now',
      outboxBytes: 1e9,
      modelsUrl: new URL('http://hub:1880'),
      publishing,
      governing,
    },
    modelFile: undefined,
    farewell: () => ({ v: 1, session: 'session-now', state: 'offline', at: 1, reason: 'stopped' }),
  });
  await agent.start(new AbortController().signal);
  link.listener?.up();
  const desire = async (desired: Signed) => {
    link.listener?.desired(desired);
    await settle();
  };
  const want = (variant: VariantInfo, revision: number, terms?: Terms) => desire(desiredOf(variant, revision, terms));
  /** One frame, answered by whichever lane has it. */
  const frame = async () => {
    camera.frame();
    for (const lane of classifiers.lanes) while (lane.inWork !== undefined) lane.answer();
    await settle();
  };
  const frames = async (count: number) => {
    for (let index = 0; index < count; index += 1) await frame();
    // What waits for the hub's word has asked for it with the next tick of the outbox.
    if (link.givesWord && link.reports.at(-1)?.phase === 'probation') await clock.advance(1000);
  };
  /** Ids of all that has happened. */
  const told = () => link.published.filter(({ name }) => name === 'events').map(({ message }) => (message as MessageOf<'events'>).id);
  const phases = () => link.reports.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
  return {
    agent,
    camera,
    classifiers,
    outbox,
    store,
    journal,
    link,
    log,
    clock,
    want,
    desire,
    keyStore,
    events: told,
    frame,
    frames,
    phases,
  };
}
