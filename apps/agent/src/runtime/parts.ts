/** @file The agent's loops, wired to each other: who hears of what. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { type AlpharhoError, resumeUpdateState, type UpdateState, variantSchema } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import type { ConditionKey, Fault } from '../domain/conditions.ts';
import type { FrameResult } from '../domain/frames.ts';
import { PictureWatch } from '../domain/picture-watch.ts';
import type { Camera, Classifiers, Journal, Lane, Link, Log, ModelStore, Outbox, Pictures, System } from '../domain/ports.ts';
import { Vitals } from '../domain/vitals.ts';
import { Capture } from './capture.ts';
import { Delivery } from './delivery.ts';
import type { EventRecorder } from './event-recorder.ts';
import { FrameLoop } from './frame-loop.ts';
import { Keeper } from './keeper.ts';
import { Publisher, type PublishingSettings } from './publisher.ts';
import { Reporter } from './reporter.ts';
import { Serving } from './serving.ts';
import { Snapshots } from './snapshots.ts';
import { Spool } from './spool.ts';
import { TelemetryWindows } from './telemetry.ts';
import { UpdateRunner } from './update-runner.ts';
import { UpdateSteps } from './update-steps.ts';
import { tellUpdates } from './update-story.ts';

export type Ports = {
  readonly camera: Camera;
  readonly classifiers: Classifiers;
  readonly outbox: Outbox;
  readonly store: ModelStore;
  readonly journal: Journal;
  readonly link: Link;
  readonly system: System;
  readonly pictures: Pictures;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: EventRecorder;
  /** The recorder's: what is logged at warning and above is an event too. */
  readonly log: Log;
};

export type Settings = {
  readonly session: string;
  readonly outboxBytes: number;
  readonly modelsUrl: URL;
  readonly publishing: PublishingSettings;
};

export type Parts = {
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly serving: Serving;
  readonly spool: Spool;
  readonly delivery: Delivery;
  readonly telemetry: TelemetryWindows;
  readonly publisher: Publisher;
  readonly reporter: Reporter;
  readonly keeper: Keeper;
  readonly vitals: Vitals;
  /** Made when it is known what is kept from before. */
  readonly beginUpdates: (state: UpdateState) => UpdateRunner;
};

/** @param onCameraEnded the camera's source is over */
export function wire(ports: Ports, settings: Settings, onCameraEnded: () => void): Parts {
  const { clock, random, events, log, link, classifiers, store } = ports;
  const { emit } = events;
  const { session } = settings;
  let runner: UpdateRunner | undefined;
  const reporter = new Reporter({ session, link, clock, log });
  const condition = (key: ConditionKey) => (fault: Fault | undefined) => {
    if (fault === undefined) reporter.clear(key);
    else reporter.raise(key, fault);
  };
  const keeper = new Keeper({ journal: ports.journal, log, onFault: condition('journal') });
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
  events.attach((stream, build) => spool.add(stream, build));
  const telemetry = new TelemetryWindows({
    session,
    system: ports.system,
    clock,
    outbox: () => ({ outbox: spool.depth, outboxBytes: spool.diskBytes, dropped: spool.dropped }),
    onWindow: (build) => spool.add('telemetry', build),
  });
  const vitals = new Vitals(clock);
  const onPublished = (ms: number): void => {
    telemetry.published(ms);
    vitals.published(ms);
  };
  const delivery = new Delivery({ spool, link, clock, log, onPublished });
  const publisher = wirePublisher(ports, settings, reporter, (result) => {
    telemetry.left();
    spool.addResult(result);
  });
  const loop = new FrameLoop(clock, {
    captured: (ms) => {
      telemetry.captured(ms);
      vitals.captured(ms);
    },
    skipped: () => {
      telemetry.skipped();
      vitals.skipped();
    },
    filled: (frame, pixels) => {
      publisher.filled(frame, pixels);
      pictures?.look(pixels);
    },
    dropped: (reason, frame) => {
      telemetry.dropped();
      vitals.dropped(reason);
      publisher.dropped(frame);
    },
    result: (result) => {
      telemetry.classified(result);
      vitals.classified(result);
      publisher.result(result);
      runner?.answered(result.variant);
    },
    serves: (lane) => {
      announce(lane, reporter, telemetry);
      publisher.serves(lane.variant);
  const pictures = ports.camera.isLive ? watchPictures(ports, reporter) : undefined;
    },
    laneFault: (lane, error) => {
      if (!runner?.laneFault(lane, error)) serving.laneFault(lane, error);
    },
    cameraFault: (error) => {
      if (!reporter.raise('camera', error)) return;
      emit({ id: 'camera.lost', level: 'warning', message: `camera: ${error.message}; it is tried again`, detail: { code: error.code } });
    },
    cameraRecovered: () => {
      if (reporter.clear('camera')) emit({ id: 'camera.recovered', level: 'info', message: 'camera: frames come again' });
    },
    cameraEnded: onCameraEnded,
  });
  const capture = new Capture(ports.camera, loop);
  const serving: Serving = new Serving({ loop, capture, classifiers, clock, random, log, onFault: condition('classifier') });
  const steps = new UpdateSteps({ store, classifiers, loop, capture, serving, keeper, modelsUrl: settings.modelsUrl, log });
  const beginUpdates = (state: UpdateState): UpdateRunner => {
    reporter.updates(state);
    const tell = tellUpdates(emit, state);
    const onState = (next: UpdateState): void => {
      reporter.updates(next);
      tell(next);
    };
    runner = new UpdateRunner({ steps, serving, keeper, clock, random, log, onState, onDesired: condition('desired') }, state);
    return runner;
  };
  return { loop, capture, serving, spool, delivery, telemetry, publisher, reporter, keeper, vitals, beginUpdates };
}

function wirePublisher(ports: Ports, settings: Settings, reporter: Reporter, onPublish: (result: FrameResult) => void): Publisher {
  const { link, pictures, clock, log, events } = ports;
  const { session, publishing } = settings;
  const { policy, thumbnails, snapshots: allowed } = publishing;
      pictures?.reset();
  const cameraFault = () => reporter.fault('camera');
  const snapshots = new Snapshots({ allowed, session, link, pictures, clock, log, cameraFault });
  const tellsChange = () => events.hasRoom('result.changed');
  return new Publisher({ policy, thumbnails, snapshots, pictures, clock, emit: events.emit, tellsChange, onPublish });
}

function announce(lane: Lane, reporter: Reporter, telemetry: TelemetryWindows): void {
  // What travels is the variant without its labels and preprocessing.
  reporter.serves(variantSchema.parse(lane.variant), lane.inference);
  telemetry.begin(lane.variant.sha256, lane.variant.rhos.length > 1 ? lane.format.rho : undefined);
}

/** A camera that shows nothing new, or nothing, is a condition; its frames are classified all the same. */
function watchPictures({ camera: { name }, clock, events: { emit } }: Ports, reporter: Reporter): PictureWatch {
  const onDoubt = (doubt: AlpharhoError | undefined): void => {
    if (doubt === undefined) {
      const isLost = reporter.fault('camera') !== undefined;
      if (reporter.clear('picture') && !isLost) emit({ id: 'camera.recovered', level: 'info', message: 'camera: the picture changes again' });
    } else if (reporter.raise('picture', doubt)) {
      const id = doubt.code === 'camera_black' ? 'camera.black' : 'camera.frozen';
      emit({ id, level: 'warning', message: `camera: ${doubt.message}` });
    }
  };
  return new PictureWatch({ name, clock, onDoubt });
}

/** Where updates go on after a restart, given what serves now. */
export function resume({ state: kept }: Keeper, serving: VariantInfo | undefined): UpdateState {
  const { revision, target, outcome } = kept;
  return resumeUpdateState({
    revision,
    ...(target !== undefined && { target }),
    ...(outcome !== undefined && { outcome: { code: outcome.code, ...(outcome.error !== undefined && { error: outcome.error }) } }),
    ...(serving !== undefined && { committed: serving.sha256 }),
  });
}
