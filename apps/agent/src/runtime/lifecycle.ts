/** @file The agent's life: what is started after what, and what an orderly end is. */
import { AlpharhoError, isAlpharhoError, type Presence, type Variant } from '@alpharho/protocol';
import { within } from '../domain/clock.ts';
import { countDeath, resume } from '../domain/kept-state.ts';
import type { LinkListener, ModelFile } from '../domain/ports.ts';
import { type Parts, type Ports, type Settings, wire } from './parts.ts';
import { type Identity, SelfReport } from './self-report.ts';
import { loadFrom } from './update/model-files.ts';
import type { UpdateRunner } from './update/runner.ts';

/** What the hub may take to acknowledge the last results before the agent leaves, milliseconds. */
const drainMs = 1000;
/** What the broker may take to hear the farewell, milliseconds. */
const farewellMs = 500;

export type AgentOptions = {
  readonly ports: Ports;
  readonly settings: Settings;
  /** A variant file to serve until there is a committed one. */
  readonly modelFile: ModelFile | undefined;
  readonly farewell: () => Presence;
};

/** One run of the agent. INVARIANT: what `start` began, as far as it came, `stop` ends. */
export class Agent {
  /** Resolves when the camera's source is over. */
  readonly ended: Promise<void>;
  private readonly options: AgentOptions;
  private readonly parts: Parts;
  private runner: UpdateRunner | undefined;
  private isUp = false;

  constructor(options: AgentOptions) {
    this.options = options;
    let end: () => void = () => undefined;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.parts = wire(options.ports, options.settings, () => {
      options.ports.log.info('camera: the source is over');
      end();
    });
  }

  /**
   * @param signal ends the start between two steps; `stop` undoes what there is then
   * @throws AlpharhoError where it makes no sense to go on: no such camera, no ffmpeg, no usable model, a data folder in use
   */
  async start(signal: AbortSignal): Promise<void> {
    const { camera, link, log, clock } = this.options.ports;
    const { spool, keeper, keys, door, serving, governor, telemetry, homeAssistant, clockWatch } = this.parts;
    await camera.check();
    // The outbox's lock comes first: the journal belongs to whoever holds it.
    await spool.start();
    const kept = await keeper.load();
    if (kept.trying !== undefined) await keeper.update((state) => countDeath(state, clock.now()));
    await keys.load();
    await telemetry.start();
    clockWatch.start();
    governor.start();
    if (signal.aborted) return;
    await this.openFirst();
    if (signal.aborted) return;
    this.runner = this.parts.beginUpdates(resume(keeper.state, serving.variant?.sha256));
    if (serving.variant === undefined) log.info('no variant yet: waiting for the hub to desire one');
    door.start();
    link.start(this.listener());
    homeAssistant?.start();
  }

  /** What the agent can say of itself, from now on. */
  report(identity: Identity): SelfReport {
    const { clock } = this.options.ports;
    return new SelfReport({ ...identity, parts: this.parts, connected: () => this.isUp, clock });
  }

  /** Ends it in order: camera, classifiers, results to disk and hub, farewell. Never throws. */
  async stop(): Promise<void> {
    const { ports, farewell } = this.options;
    const { capture, serving, governor, refinement, telemetry, publisher, homeAssistant, spool, reporter, delivery, clockWatch } =
      this.parts;
    const { door, keeper, keys } = this.parts;
    governor.stop();
    refinement.stop();
    await this.attempt('camera', () => capture.stop());
    await this.attempt('desired state', () => door.stop());
    await this.attempt('update', async () => this.runner?.stop());
    keeper.stop();
    await this.attempt('keys', () => keys.stop());
    await this.attempt('classifier', () => serving.stop());
    await this.attempt('pictures', () => publisher.stop());
    await this.attempt('Home Assistant', async () => homeAssistant?.stop());
    telemetry.stop();
    reporter.stop();
    clockWatch.stop();
    ports.events.stop();
    await this.attempt('outbox', () => this.drain());
    delivery.down();
    await this.attempt('link', () => ports.link.stop(farewell(), farewellMs));
    await this.attempt('outbox', () => spool.stop());
  }

  /** The committed variant of the data folder, else the one before it, else --model, else none. */
  private async openFirst(): Promise<void> {
    const { ports, modelFile } = this.options;
    const { keeper, serving } = this.parts;
    const { committed, previous } = keeper.state;
    for (const variant of [committed, previous]) {
      if (variant !== undefined && (await this.openKept(variant))) return;
    }
    if (modelFile === undefined) return;
    await this.openFile(modelFile);
    ports.log.info(`serving ${modelFile.path}, variant ${serving.variant?.sha256.slice(0, 12)}`);
  }

  /** @returns false where it cannot serve */
  private async openKept({ sha256 }: Variant): Promise<boolean> {
    const { ports, modelFile } = this.options;
    try {
      await this.parts.serving.open(() => loadFrom(ports.store, sha256));
    } catch (error) {
      ports.log.error(`the committed variant cannot serve: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    const instead = modelFile === undefined ? '' : `; --model ${modelFile.path} is not used`;
    ports.log.info(`serving variant ${sha256.slice(0, 12)}, committed earlier from the hub's desired state${instead}`);
    return true;
  }

  /** What is wrong with a file is told with its name; the worker that reads it knows only bytes. */
  private async openFile({ path, read }: ModelFile): Promise<void> {
    try {
      await this.parts.serving.open(read);
    } catch (cause) {
      if (!isAlpharhoError(cause) || cause.code === 'model_missing') throw cause;
      throw new AlpharhoError(cause.code, `--model ${path}: ${cause.message}`, { cause });
    }
  }

  private listener(): LinkListener {
    const { delivery, publisher, reporter, word, door, keys } = this.parts;
    const { log } = this.options.ports;
    return {
      up: () => {
        this.isUp = true;
        reporter.up();
        delivery.up();
      },
      down: () => {
        this.isUp = false;
        reporter.down();
        delivery.down();
      },
      desired: (desired) => door.hear(desired),
      keys: (set) => keys.hear(set),
      request: (request) => publisher.request(request),
      ack: (ack) => {
        word.heard(ack);
        delivery.acknowledge(ack).catch((error: unknown) => log.error(`an acknowledgement was lost: ${String(error)}`));
      },
      fault: (error) => {
        if (error === undefined) reporter.clear('link');
        else reporter.raise('link', error);
      },
      refused: (error) => door.refuse(error),
    };
  }

  private async drain(): Promise<void> {
    const { spool } = this.parts;
    await spool.flush();
    if (!this.isUp) return;
    await within(this.options.ports.clock, drainMs, spool.drained());
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.ports.log.error(`${what} did not end in order: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
