/** @file What the benchmark puts in place of camera and hub, so that the agent between them is measured and nothing else. */
import { encode, type MessageOf, type TopicName } from '@alpharho/protocol';
import { type FrameFormat, frameBytes } from '../domain/frames.ts';
import type { Camera, Classifiers, FrameSink, Lane, LaneListener, LaneResult, Link, LinkListener, StagedModel } from '../domain/ports.ts';

/** Frames ahead of the answers: one in work and one that waits, so the classifier never idles and no frame is for nothing. */
const ahead = 2;

/** Raw frames as fast as they are taken: each is copied into the slot, as a decoder's output would be. */
export class RawFrameSource implements Camera {
  readonly name = 'raw frames';
  readonly isLive = false;
  private sink: FrameSink | undefined;
  private format: FrameFormat | undefined;
  private frame: Uint8Array = new Uint8Array();
  private running = false;

  async check(): Promise<void> {}

  start(format: FrameFormat, sink: FrameSink): void {
    this.format = format;
    this.sink = sink;
    this.frame = rawFrame(frameBytes(format));
    // The first frame brings the variant into service.
    this.give();
  }

  resize(): void {
    throw new Error('the benchmark has one size');
  }

  async stop(): Promise<void> {
    this.running = false;
  }

  play(): void {
    this.running = true;
    for (let count = 0; count < ahead; count += 1) this.give();
  }

  pause(): void {
    this.running = false;
  }

  /** A frame was answered: time for the next. */
  answered(): void {
    if (this.running) this.give();
  }

  /** One frame, complete when it is called: what is measured begins here. */
  give(): void {
    const { format, sink } = this;
    if (format === undefined || sink === undefined) return;
    sink.begin(format)?.set(this.frame);
    sink.commit(format, 0);
  }
}

/** Some picture; inference takes the same time for any. */
export function rawFrame(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 256);
}

/** A hub without a network: each batch is encoded as for the wire, and acknowledged at once. */
export class LoopbackLink implements Link {
  private listener: LinkListener | undefined;

  start(listener: LinkListener): void {
    this.listener = listener;
    listener.up();
  }

  async publish<T extends TopicName>(name: T, message: MessageOf<T>): Promise<void> {
    encode(name, message);
    const range = rangeOf(name, message);
    if (range !== undefined) this.listener?.ack({ v: 1, acks: [range] });
  }

  async stop(): Promise<void> {}
}

function rangeOf(name: TopicName, message: MessageOf<TopicName>): MessageOf<'ack'>['acks'][number] | undefined {
  if (name === 'results') {
    const { session, results } = message as MessageOf<'results'>;
    return { stream: 'results', session, from: results[0]?.seq ?? 1, to: results.at(-1)?.seq ?? 1 };
  }
  if (name === 'telemetry') {
    const { session, seq } = message as MessageOf<'telemetry'>;
    return { stream: 'telemetry', session, from: seq, to: seq };
  }
  if (name === 'events') {
    const { stream, session, seq } = message as MessageOf<'events'>;
    return { stream, session, from: seq, to: seq };
  }
  return undefined;
}

/** Counts results on their way from the classifier's thread to the frame loop. */
export class CountingClassifiers implements Classifiers {
  results = 0;
  private readonly inner: Classifiers;
  private readonly onResult: (result: LaneResult) => void;

  constructor(inner: Classifiers, onResult: (result: LaneResult) => void) {
    this.inner = inner;
    this.onResult = onResult;
  }

  async open(file: Uint8Array, signal: AbortSignal): Promise<StagedModel> {
    const staged = await this.inner.open(file, signal);
    return {
      variant: staged.variant,
      discard: () => staged.discard(),
      warm: async (warmSignal, how) => {
        const warm = await staged.warm(warmSignal, how);
        this.count(warm.lane);
        return warm;
      },
    };
  }

  private count(lane: Lane): void {
    const listen = lane.listen.bind(lane);
    lane.listen = (listener: LaneListener) =>
      listen({
        result: (result) => {
          this.results += 1;
          listener.result(result);
          this.onResult(result);
        },
        fault: (error) => listener.fault(error),
      });
  }
}
