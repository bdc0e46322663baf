/** @file The agent's loops, wired to each other: who hears of what. */
import { type DeviceId, type UpdateState, variantSchema } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import type { ConditionKey, Fault } from '../domain/conditions.ts';
import type { FrameResult } from '../domain/frames.ts';
import type { BoardFacts } from '../domain/home-assistant.ts';
import { forgetSeen } from '../domain/kept-state.ts';
import type {
  Announcer,
  Camera,
  Classifiers,
  Journal,
  KeyStore,
  Link,
  Log,
  ModelStore,
  Outbox,
  Pictures,
  Signatures,
  System,
  TrustFile,
} from '../domain/ports.ts';
import { Vitals } from '../domain/vitals.ts';
import { Capture } from './capture.ts';
import { ClockWatch } from './clock-watch.ts';
import { Delivery } from './delivery.ts';
import type { EventRecorder } from './event-recorder.ts';
import { tellCamera, tellClassifier, watchPictures } from './faults.ts';
import { frameListener } from './frame-listener.ts';
import { FrameLoop } from './frame-loop.ts';
import { Governor, type GovernorSettings } from './governor.ts';
import { HomeAssistant } from './home-assistant.ts';
import { inferenceTeller } from './inference-story.ts';
import { Keeper } from './keeper.ts';
import { KeyRing } from './key-ring.ts';
import { MachineWatch } from './machine-watch.ts';
import { Pacer } from './pacer.ts';
import { Publisher, type PublishingSettings } from './publisher.ts';
import { Refinement } from './refinement.ts';
import { Reporter } from './reporter.ts';
import { Serving } from './serving.ts';
import { ShadowSink } from './shadow-sink.ts';
import { Snapshots } from './snapshots.ts';
import { Spool } from './spool.ts';
import { TelemetryWindows } from './telemetry.ts';
import { Door } from './update/door.ts';
import { HubsWord } from './update/hubs-word.ts';
import { type QuarantineChange, UpdateRunner } from './update/runner.ts';
import { tellQuarantine, tellUpdates } from './update/story.ts';
import type { ShadowReport } from './update/trial.ts';

export type Ports = {
  readonly camera: Camera;
  readonly classifiers: Classifiers;
  readonly outbox: Outbox;
  readonly store: ModelStore;
  readonly journal: Journal;
  readonly keyStore: KeyStore;
  /** Undefined: the first key set that the hub sends is trusted. */
  readonly trust?: TrustFile | undefined;
  readonly signatures: Signatures;
  readonly link: Link;
  readonly system: System;
  readonly pictures: Pictures;
  /** Undefined: the board is shown nowhere but on the hub. */
  readonly announcer?: Announcer | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: EventRecorder;
  /** The recorder's: what is logged at warning and above is an event too. */
  readonly log: Log;
};

export type Settings = {
  readonly device: DeviceId;
  readonly session: string;
  readonly outboxBytes: number;
  readonly modelsUrl: URL;
  readonly publishing: PublishingSettings;
  /** How the board is announced, with `announcer`. */
  readonly announcement?: { readonly board: BoardFacts; readonly prefix: string } | undefined;
  readonly governing: GovernorSettings;
};

export type Parts = {
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly serving: Serving;
  readonly governor: Governor;
  readonly refinement: Refinement;
  readonly spool: Spool;
  readonly delivery: Delivery;
  readonly telemetry: TelemetryWindows;
  readonly publisher: Publisher;
  readonly homeAssistant: HomeAssistant | undefined;
  readonly clockWatch: ClockWatch;
  readonly reporter: Reporter;
  readonly keeper: Keeper;
  readonly word: HubsWord;
  readonly door: Door;
  readonly keys: KeyRing;
  readonly vitals: Vitals;
  readonly machine: MachineWatch;
  /** Made when it is known what is kept from before. */
  readonly beginUpdates: (state: UpdateState) => UpdateRunner;
};

/** @param onCameraEnded the camera's source is over */
export function wire(ports: Ports, settings: Settings, onCameraEnded: () => void): Parts {
  const { clock, random, events, log, link, classifiers, store } = ports;
  const { emit } = events;
  const { session, device, modelsUrl } = settings;
  const { signatures } = ports;
  let runner: UpdateRunner | undefined;
  const reporter = new Reporter({ session, link, clock, log });
  const condition = (key: ConditionKey) => (fault: Fault | undefined) =>
    fault === undefined ? reporter.clear(key) : reporter.raise(key, fault);
  const keeper = new Keeper({ journal: ports.journal, clock, log, onFault: condition('journal') });
  const spool: Spool = new Spool({
    outbox: ports.outbox,
    session,
    maxBytes: settings.outboxBytes,
    clock,
    log,
    emit,
    onFault: condition('outbox'),
    onReady: () => delivery.wake(),
  });
  const governor = new Governor({
    settings: settings.governing,
    resize: (rho) => serving.resize(rho),
    isSteady: () => serving.isSteady,
    pace: (rate) => pacer.pace(rate),
    clock,
    random,
    log,
    emit,
    onState: (state) => reporter.governs(state),
  });
  const machine = new MachineWatch({
    system: ports.system,
    clock,
    onFacts: (facts) => {
      governor.machine(facts);
      refinement.machine(facts);
      homeAssistant?.machine(facts);
    },
  });
  const telemetry = new TelemetryWindows({
    session,
    system: machine,
    clock,
    outbox: () => ({ outbox: spool.depth, outboxBytes: spool.diskBytes, dropped: spool.dropped }),
    rate: () => governor.rate,
    onWindow: (build) => spool.add('telemetry', build),
  });
  const tellInference = inferenceTeller(emit);
  const refinement = new Refinement({
    refine: () => serving.refine(),
    isSteady: () => serving.isSteady,
    ...{ clock, random, log },
    onPutOff: ({ variant }, how) => {
      reporter.serves(variantSchema.parse(variant), how);
      tellInference({ variant, inference: how });
    },
  });
  const vitals = new Vitals(clock);
  const homeAssistant = wireHomeAssistant(ports, settings, vitals);
  const onPublished = (ms: number): void => {
    telemetry.published(ms);
    vitals.published(ms);
  };
  const delivery = new Delivery({ spool, link, clock, log, onPublished });
  // What was told before this goes on its way at once.
  events.attach((stream, build) => spool.add(stream, build));
  const publisher = wirePublisher(ports, settings, reporter, (result) => {
    telemetry.left();
    spool.addResult(result);
    homeAssistant?.published(result);
  });
  const pictures = ports.camera.isLive ? watchPictures(ports.camera, clock, reporter, emit) : undefined;
  const hearers = { telemetry, vitals, publisher, governor, refinement, reporter, homeAssistant, pictures, tellInference };
  const loop = new FrameLoop(
    clock,
    frameListener({
      ...hearers,
      runner: () => runner,
      onFilled: (frame, pixels) => shadows.filled(frame, pixels),
      laneFault: (lane, error) => serving.laneFault(lane, error),
      tellCamera: (fault) => tellCamera(reporter, emit, fault),
      onCameraEnded,
    }),
  );
  const shadows = new ShadowSink(loop);
  const pacer: Pacer = new Pacer(clock, shadows, () => governor.arrived());
  const capture = new Capture(ports.camera, pacer);
  const serving: Serving = new Serving({
    ...{ loop, capture, classifiers, clock, random, log },
    onFault: (fault) => tellClassifier(reporter, emit, fault),
    rhoFor: (variant) => governor.rhoFor(variant),
  });
  const word = new HubsWord({ session, tell: (event) => events.follow(event) });
  const door = new Door({
    ...{ device, keys: () => keys.set, signatures, keeper, machine, clock, emit },
    onFault: condition('desired'),
    onWanted: (wanted) => {
      const fault = runner?.want(wanted);
      if (fault === undefined) homeAssistant?.desires(wanted.manifest.variant);
      return fault;
    },
  });
  const keys: KeyRing = new KeyRing({
    ...{ store: ports.keyStore, trust: ports.trust, signatures, emit, log },
    onFault: condition('keys'),
    onKeys: ({ version }, first) => {
      reporter.trusts(version);
      if (!first) void keeper.update(forgetSeen);
      door.rekeyed();
    },
  });
  const beginUpdates = (state: UpdateState): UpdateRunner => {
    reporter.updates(state);
    reporter.quarantines(keeper.state.quarantine);
    homeAssistant?.updates(state);
    const tell = tellUpdates(emit, state);
    const onState = (next: UpdateState): void => {
      reporter.updates(next);
      homeAssistant?.updates(next);
      tell(next);
    };
    const onShadow = (report: ShadowReport) => reporter.shadows(report);
    const run = { store, classifiers, loop, capture, serving, keeper, machine, signatures, modelsUrl, log, shadows, word, onShadow };
    const onHeld = (held: boolean) => reporter.holds(held);
    const onQuarantine = (change: QuarantineChange): void => {
      reporter.quarantines(keeper.state.quarantine);
      tellQuarantine(emit, change);
    };
    runner = new UpdateRunner({ ...run, clock, random, onState, onHeld, onQuarantine }, state);
    return runner;
  };
  const clockWatch = new ClockWatch(clock, emit);
  return {
    word,
    door,
    keys,
    clockWatch,
    loop,
    capture,
    serving,
    governor,
    refinement,
    spool,
    delivery,
    telemetry,
    publisher,
    homeAssistant,
    reporter,
    keeper,
    vitals,
    machine,
    beginUpdates,
  };
}

function wireHomeAssistant({ announcer, clock }: Ports, { session, announcement }: Settings, vitals: Vitals): HomeAssistant | undefined {
  if (announcer === undefined || announcement === undefined) return undefined;
  return new HomeAssistant({ announcer, session, ...announcement, vitals, clock });
}

function wirePublisher(ports: Ports, settings: Settings, reporter: Reporter, onPublish: (result: FrameResult) => void): Publisher {
  const { link, pictures, clock, log, events } = ports;
  const { session, publishing } = settings;
  const { policy, thumbnails, snapshots: allowed } = publishing;
  const cameraFault = () => reporter.fault('camera');
  const snapshots = new Snapshots({ allowed, session, link, pictures, clock, log, cameraFault });
  const reserve = () => events.reserve('result.changed');
  return new Publisher({ policy, thumbnails, snapshots, pictures, clock, emit: events.emit, reserve, onPublish });
}
