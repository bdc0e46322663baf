/**
 * @file The only file that imports onnxruntime-node. Its calls are synchronous underneath: loading and running block the calling thread,
 * so whoever must not block (the agent's loop) runs the classifier in a worker thread.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { fromHalf } from '../graph/half.ts';
import { inputName, outputName } from '../variant/read.ts';
import { isExact, largestInput, probeInput, probeOutputs, saturationProbe } from './saturation-probe.ts';
import type { ModelSession, ObserverSession, OpenObserver, OpenSession } from './session.ts';
import { keepRuntimeSilent } from './telemetry.ts';
import type { Answer, RunTrial } from './trial.ts';

keepRuntimeSilent();

/** ONNX Runtime's log levels: 3 is errors only. Its warnings (unused constants and the like) mean nothing to an operator. */
const errorsOnly = 3;
/** The execution provider that is in every build. */
const cpu = 'cpu';

/** An execution provider that the installed runtime was built with. */
export type RuntimeProvider = {
  /** ONNX Runtime's short name: "cpu", "cuda", "tensorrt", "webgpu", "xnnpack". */
  name: string;
  /** Whether its library comes with the runtime; another one needs libraries of its own, and may not load. */
  bundled: boolean;
};

/** The execution providers that the installed runtime was built with, "cpu" first. That one is listed does not say that it runs here. */
export function runtimeProviders(): RuntimeProvider[] {
  const listed = listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return listed.sort((a, b) => Number(b.name === cpu) - Number(a.name === cpu));
}

/** @returns the library that a provider needs and that is not beside the runtime's own; undefined where nothing is missing, or where that cannot be told */
export function missingLibrary({ name, bundled }: RuntimeProvider, maps = '/proc/self/maps'): string | undefined {
  if (bundled) return undefined;
  const runtime = /\S*\/libonnxruntime\.so\S*/.exec(textOf(maps))?.[0];
  const library = `libonnxruntime_providers_${name}.so`;
  return runtime === undefined || existsSync(join(dirname(runtime), library)) ? undefined : library;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The installed runtime with its version: "onnxruntime-node 1.30.0". */
export function runtimeVersion(): string {
  return `onnxruntime-node ${env.versions.node ?? env.versions.common}`;
}

/** Opens a session whose input and output live in two buffers for its whole life: nothing is allocated a frame. */
export const openOnnxSession: OpenSession = async (file, { rho, classes, threads, provider = cpu }) => {
  const session = await InferenceSession.create(file, sessionOptions(threads, !(await multipliesExactly()), provider));
  const input = new Uint8Array(rho * rho * 3);
  const output = new Float32Array(classes);
  const feeds = { [inputName]: new Tensor('uint8', input, [1, rho, rho, 3]) };
  const fetches = { [outputName]: new Tensor('float32', output, [1, classes]) };
  const opened: ModelSession = {
    input,
    output,
    run: async () => {
      await session.run(feeds, fetches);
    },
    close: () => session.release(),
  };
  return opened;
};

/**
 * A session used the way ONNX Runtime's examples use one: for benches to compare with. One feed for all frames, the output allocated by
 * the runtime at each, nothing checked, nothing copied, nothing made of the answer.
 */
export async function openBareSession(
  file: Uint8Array,
  rho: number,
  threads: number,
): Promise<{ run(): Promise<unknown>; close(): Promise<void> }> {
  const session = await InferenceSession.create(file, {
    executionProviders: [cpu],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    logSeverityLevel: errorsOnly,
  });
  const feeds = { [inputName]: new Tensor('uint8', new Uint8Array(rho * rho * 3), [1, rho, rho, 3]) };
  return { run: () => session.run(feeds), close: () => session.release() };
}

/** Opens a session on a graph whose inner values are outputs; each lives in a buffer of its own. */
export const openOnnxObserver: OpenObserver = async (file, { rho, threads, values }) => {
  const session = await InferenceSession.create(file, sessionOptions(threads, !(await multipliesExactly())));
  const input = new Uint8Array(rho * rho * 3);
  const feeds = { [inputName]: new Tensor('uint8', input, [1, rho, rho, 3]) };
  const buffers = values.map(({ dims }) => new Float32Array(dims.reduce((product, dim) => product * dim, 1)));
  const fetches = Object.fromEntries(values.map(({ name, dims }, index) => [name, new Tensor('float32', buffers[index]!, dims)]));
  const opened: ObserverSession = {
    input,
    values: buffers,
    run: async () => {
      await session.run(feeds, fetches);
    },
    close: () => session.release(),
  };
  return opened;
};

/** ONNX Runtime's log level for nothing but the end of the world: what a trial's file does wrong is told by the error. */
const fatalOnly = 4;

/** Tries a model in this process. What a hostile file does to the runtime it does to the caller: see adopt/trial-process.ts. */
export const runTrial: RunTrial = async ({ file, input, output, frames }, signal) => {
  const options = { ...sessionOptions(1, !(await multipliesExactly())), logSeverityLevel: fatalOnly } as const;
  const session = await InferenceSession.create(file, options);
  try {
    const answers: Answer[] = [];
    for (const frame of frames) {
      signal?.throwIfAborted();
      const found = (await session.run({ [input.name]: new Tensor(input.type, frame, input.dims) }, [output]))[output];
      if (!found) throw new Error(`no value for the output "${output}"`);
      answers.push({ dims: [...found.dims], values: toFloats(found.data) });
    }
    return answers;
  } finally {
    await session.release();
  }
};

/** float16 comes as its raw bits where the engine has no such array. */
function toFloats(data: Tensor['data']): Float32Array {
  return data instanceof Uint16Array ? Float32Array.from(data, fromHalf) : Float32Array.from(data as Iterable<number>, Number);
}

/** @param unsigned let the runtime turn int8 weights into uint8 as it loads them: slower, and right where int8 saturates */
function sessionOptions(threads: number, unsigned: boolean, provider = cpu): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: errorsOnly,
    ...(unsigned ? { extra: { session: { x64quantprecision: '1' } } } : {}),
  };
}

let exact: Promise<boolean> | undefined;

/** Whether uint8 × int8 is right on this processor; found out once a process, in about a millisecond. Only x86 can be wrong. */
function multipliesExactly(): Promise<boolean> {
  exact ??= process.arch === 'x64' ? probe() : Promise.resolve(true);
  return exact;
}

async function probe(): Promise<boolean> {
  const session = await InferenceSession.create(saturationProbe(), sessionOptions(1, false));
  const size = probeInput.dims.reduce((product, dim) => product * dim, 1);
  const outputs = await session.run({ [probeInput.name]: new Tensor('uint8', new Uint8Array(size).fill(largestInput), probeInput.dims) });
  await session.release();
  return probeOutputs.every((name) => isExact(outputs[name]?.data as Uint8Array));
}
