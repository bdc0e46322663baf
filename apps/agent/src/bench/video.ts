/** @file A video through ffmpeg and the agent, as fast as it goes, against the slower of ffmpeg alone and inference alone. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { sampleDataFolder } from '@alpharho/mobilenet-core';
import { ChildCamera } from '../io/camera/child-camera.ts';
import { FfmpegSource } from '../io/camera/ffmpeg-source.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import { BenchAgent } from './bench-agent.ts';
import { median, pause, print, printRatio, type Turn } from './figures.ts';
import { childrenMs, processorMs } from './processor.ts';
import { BareLoop, makeSubject, pairs, type Subject } from './subject.ts';

const turns = 9;
const turnMs = 800;
const warmMs = 300;
const bar = 0.9;

/** Frames a second, and what one frame costs: milliseconds of processor time. */
type Side = { readonly rate: number; readonly cost: number };
type Sides = {
  readonly pipeline: Side & { readonly ffmpegCost: number };
  readonly ffmpeg: Side;
  readonly inference: Side;
  /** Frames a second, of both at once. */
  readonly unconnected: number;
};

export async function benchVideo(folder: string): Promise<boolean> {
  const video = join(sampleDataFolder(), 'video/bottle-detection.mp4');
  if (!existsSync(video)) {
    print(`A video through ffmpeg: skipped, there is no ${video} (set ALPHARHO_SAMPLE_DATA)`);
    return true;
  }
  print(
    `A video of 640×360 through ffmpeg (--no-realtime), against the slower of ffmpeg alone and bare inference: frames/s, median of ${turns} turns of ${turnMs} ms`,
  );
  let met = true;
  for (const pair of pairs) {
    const subject = await makeSubject(pair, folder);
    const sides = await measure(video, subject);
    const rates = sides.map(
      ({ pipeline, ffmpeg, inference }): Turn => ({ ours: pipeline.rate, other: Math.min(ffmpeg.rate, inference.rate) }),
    );
    met = printRatio(subject.name, rates, 'slower', bar) && met;
    printCosts(sides);
  }
  return met;
}

/**
 * ffmpeg alone decodes on all cores, and bare inference has one for itself; together they share the same cores. What both need for a
 * frame tells how many frames a second these cores could give at most, were the agent itself free.
 */
function printCosts(sides: readonly Sides[]): void {
  const typical = (value: (side: Sides) => number): number => median(sides.map(value));
  const [ffmpeg, inference] = [typical((side) => side.ffmpeg.cost), typical((side) => side.inference.cost)];
  const cores = availableParallelism();
  print(
    `    alone: ffmpeg ${typical((side) => side.ffmpeg.rate).toFixed(0)}/s at ${ffmpeg.toFixed(2)} ms of processor time a frame, ` +
      `inference ${typical((side) => side.inference.rate).toFixed(0)}/s at ${inference.toFixed(2)} ms; ` +
      `pipeline ${typical((side) => side.pipeline.cost).toFixed(2)} ms, ${typical((side) => side.pipeline.ffmpegCost).toFixed(2)} of it ffmpeg`,
  );
  const most = `by their processor time ${cores} cores give at most ${((cores * 1000) / (ffmpeg + inference)).toFixed(0)}/s`;
  // Where inference is the slower one, an ffmpeg that nobody holds back takes its core.
  if (typical((side) => side.ffmpeg.rate - side.inference.rate) > 0) {
    print(`    ${most}`);
    return;
  }
  const unconnected = typical((side) => side.unconnected);
  const bound = typical((side) => side.unconnected / Math.min(side.ffmpeg.rate, side.inference.rate));
  print(`    ${most}; both at once, unconnected and without an agent: ${unconnected.toFixed(0)}/s, a ratio of ${bound.toFixed(2)}`);
}

async function measure(video: string, subject: Subject): Promise<Sides[]> {
  const input = { source: video, kind: 'file', loop: true, realtime: false, rate: undefined, view: {} } as const;
  const bare = await BareLoop.open(subject);
  const sides: Sides[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const decoding = await toNull(new FfmpegSource(input), subject.rho);
    const ffmpeg = await decoding.alone();
    const unconnected = await bare.rate(turnMs, decoding.frames);
    decoding.stop();
    await bare.rate(warmMs);
    const inference = await costed(() => bare.rate(turnMs));
    const agent = new BenchAgent(new ChildCamera({ source: new FfmpegSource(input), clock, random: Math.random }), subject);
    await agent.start();
    await agent.flows(warmMs);
    const before = childrenMs();
    const own = await costed(() => agent.rate(turnMs));
    const ffmpegCost = (childrenMs() - before) / framesOf(own.rate);
    sides.push({ pipeline: { rate: own.rate, cost: own.cost + ffmpegCost, ffmpegCost }, ffmpeg, inference, unconnected });
    await agent.stop();
  }
  await bare.close();
  return sides;
}

function framesOf(rate: number): number {
  return (rate * turnMs) / 1000;
}

/** @param rate runs for a turn, in this process */
async function costed(rate: () => Promise<number>): Promise<Side> {
  const before = process.cpuUsage();
  const measured = await rate();
  const { user, system } = process.cpuUsage(before);
  return { rate: measured, cost: (user + system) / 1000 / framesOf(measured) };
}

type Decoding = {
  /** Frames so far. */
  readonly frames: () => number;
  /** Measures it while nothing else is asked of the machine. */
  readonly alone: () => Promise<Side>;
  readonly stop: () => void;
};

/** The same program with the same arguments, which throws its frames away, on as many threads as it chooses. */
async function toNull(source: FfmpegSource, rho: number): Promise<Decoding> {
  const { program, args } = await source.command({ rho, crop: 0.875 }, 0);
  const own = args.slice(0, args.lastIndexOf('-f')).filter((_, index) => !isThreads(args[index]) && !isThreads(args[index - 1]));
  const child = spawn(program, [...own, '-f', 'null', '-progress', 'pipe:1', '-stats_period', '0.01', '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let frames = 0;
  let at = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [, count] of text.matchAll(/^frame=(\d+)$/gm)) frames = Number(count);
    at = performance.now();
  });
  while (frames === 0) await pause(5);
  await pause(warmMs);
  const pid = child.pid as number;
  return {
    frames: () => frames,
    stop: () => child.kill('SIGKILL'),
    alone: async () => {
      const start = { frames, at, processor: processorMs(pid) };
      await pause(turnMs);
      const rate = ((frames - start.frames) * 1000) / (at - start.at);
      return { rate, cost: (processorMs(pid) - start.processor) / (frames - start.frames) };
    },
  };
}

function isThreads(option: string | undefined): boolean {
  return option === '-threads' || option === '-filter_threads';
}
