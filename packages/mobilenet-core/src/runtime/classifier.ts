/** @file A variant at work: frame in, labelled classes and the time of each stage out. */
import { AlpharhoError, type Prediction } from '@alpharho/protocol';
import { decodeModel } from '../graph/decode.ts';
import { encodeModel } from '../graph/encode.ts';
import type { OnnxModel } from '../graph/model.ts';
import { floatTwin } from '../twin/float-twin.ts';
import type { VariantInfo } from '../variant/info.ts';
import { variantOf } from '../variant/read.ts';
import { checkServes } from '../variant/resolutions.ts';
import { openOnnxSession } from './onnxruntime.ts';
import type { ModelSession, OpenSession, SessionOptions } from './session.ts';
import { topIndices } from './top.ts';

/** Milliseconds of each stage. */
export type StageTimes = { preprocess: number; inference: number; postprocess: number };

/** What a frame shows, as the model sees it. */
export type Classification = {
  /** Highest probability first; ties by lower class. */
  top: Prediction[];
  ms: StageTimes;
};

/** An open variant. */
export interface Classifier {
  readonly variant: VariantInfo;
  /** Side of the frames that it takes. */
  readonly rho: number;
  /**
   * Classifies one frame. Calls may overlap: they run one after the other, in order.
   * @param frame RGB, ρ × ρ × 3 bytes; free to be reused once the promise settles
   * @param top how many classes to give, 5 unless said
   * @throws AlpharhoError config_invalid where the frame has another length, internal after `close`
   */
  classify(frame: Uint8Array, top?: number): Promise<Classification>;
  /** Refuses further frames, waits for those that are under way, and frees the session. */
  close(): Promise<void>;
}

/** How {@link createClassifier} runs a variant. */
export type ClassifierOptions = {
  /** Threads that work on one inference; 1 unless said: MobileNets are small, and a board has other work too. */
  threads?: number;
  /** Execution provider, one of `runtimeProviders`; "cpu" unless said. */
  provider?: string;
  /** Side of its frames: one of the variant's `rhos`; the variant's own unless said. */
  rho?: number;
  /** Run the float32 twin that is made of a quantized variant (twin/float-twin.ts): faster on some machines, and rounds otherwise. */
  twin?: boolean;
  /** The runtime; ONNX Runtime unless said. */
  open?: OpenSession;
};

/** How a variant is run: what `mobilenet tune` finds the best of. */
export type RunSetting = {
  /** Threads that work on one inference. */
  threads: number;
  /** Execution provider. */
  provider: string;
  /** The float32 twin of a quantized variant in its place. */
  twin?: boolean;
};

/** More threads than this no small network can use. */
export const mostThreads = 64;

/**
 * Opens a variant and runs it once, so that the first frame finds it warm.
 * Blocks the calling thread while the model loads (see onnxruntime.ts).
 * @param file the bytes of a variant file
 * @throws AlpharhoError model_corrupt | model_not_variant | warmup_failed | config_invalid
 */
export async function createClassifier(file: Uint8Array, options: ClassifierOptions = {}): Promise<Classifier> {
  const { threads = 1, provider = 'cpu', open = openOnnxSession } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new AlpharhoError('config_invalid', `threads is ${threads}; a whole number from 1 to ${mostThreads} is expected`);
  }
  const model = decodeModel(file);
  const variant = variantOf(model, file);
  const { rho = variant.rho } = options;
  checkServes(variant, rho);
  const session = await warm(open, options.twin ? twinOf(model) : file, { rho, classes: variant.classes, threads, provider });
  return new SessionClassifier(variant, rho, session);
}

function twinOf(model: OnnxModel): Uint8Array {
  const twin = floatTwin(model);
  if (twin === undefined)
    throw new AlpharhoError('config_invalid', 'this variant has no float32 twin: it is not quantized, or in a form that has none');
  return encodeModel(twin);
}

async function warm(open: OpenSession, file: Uint8Array, options: SessionOptions): Promise<ModelSession> {
  try {
    const session = await open(file, options);
    await session.run();
    if (session.output.some((probability) => !(probability >= 0 && probability <= 1.0001))) {
      throw new Error('its output holds values that are no probabilities');
    }
    return session;
  } catch (cause) {
    const reason = cause instanceof Error ? runtimeReason(cause.message) : String(cause);
    throw new AlpharhoError('warmup_failed', `the model does not run here: ${reason}`, { cause });
  }
}

/** ONNX Runtime puts its own source line and the failed condition before what it has to say. */
function runtimeReason(message: string): string {
  return message
    .replace(/\s+/g, ' ')
    .replace(/^\S+\.(?:cc|h):\d+ .*? was false\. /, '')
    .trim()
    .slice(0, 300);
}

class SessionClassifier implements Classifier {
  readonly variant: VariantInfo;
  readonly rho: number;
  readonly #session: ModelSession;
  /** Settles when the last call so far is done; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(variant: VariantInfo, rho: number, session: ModelSession) {
    this.variant = variant;
    this.rho = rho;
    this.#session = session;
  }

  async classify(frame: Uint8Array, top = 5): Promise<Classification> {
    if (this.#closed) throw new AlpharhoError('internal', 'the classifier is closed');
    const result = this.#last.then(() => this.#run(frame, top));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    await this.#session.close();
  }

  async #run(frame: Uint8Array, top: number): Promise<Classification> {
    const { input, output } = this.#session;
    if (frame.length !== input.length) {
      const { rho } = this;
      throw new AlpharhoError('config_invalid', `a frame of ${frame.length} bytes; ${rho} × ${rho} RGB pixels are ${input.length}`);
    }
    const start = performance.now();
    input.set(frame);
    const filled = performance.now();
    await this.#session.run();
    const ran = performance.now();
    const predictions = topIndices(output, Math.min(top, output.length)).map((index) => this.#prediction(index));
    const done = performance.now();
    return { top: predictions, ms: { preprocess: filled - start, inference: ran - filled, postprocess: done - ran } };
  }

  #prediction(index: number): Prediction {
    return { class: index, label: this.variant.labels[index] ?? `class ${index}`, probability: this.#session.output[index] ?? 0 };
  }
}
