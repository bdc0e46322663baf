/** @file A video through ffmpeg and the agent, as fast as it goes, against the slower of ffmpeg alone and inference alone. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sampleDataFolder } from '@alpharho/mobilenet-core';
import { ChildCamera } from '../io/camera/child-camera.ts';
import { FfmpegSource } from '../io/camera/ffmpeg-source.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import { BenchAgent } from './bench-agent.ts';
import { pause, print, printRatio, type Turn } from './figures.ts';
import { BareLoop, makeSubject, pairs, type Subject } from './subject.ts';

const turns = 9;
const turnMs = 800;
const warmMs = 300;
const bar = 0.9;

export async function benchVideo(folder: string): Promise<boolean> {
  const video = join(sampleDataFolder(), 'video/bottle-detection.mp4');
  if (!existsSync(video)) {
    print(`A video through ffmpeg: skipped, there is no ${video} (set ALPHARHO_SAMPLE_DATA)`);
    return true;
  }
  print(
    `A video of 640×360 through ffmpeg, against the slower of ffmpeg alone and bare inference: frames/s, median of ${turns} turns of ${turnMs} ms`,
  );
  let met = true;
  for (const pair of pairs) {
    const subject = await makeSubject(pair, folder);
    met = printRatio(subject.name, await measure(video, subject), 'slower', bar) && met;
  }
  return met;
}

async function measure(video: string, subject: Subject): Promise<Turn[]> {
  const input = { source: video, kind: 'file', loop: true, realtime: false, rate: undefined, view: {} } as const;
  const bare = await BareLoop.open(subject);
  const rates: Turn[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const decoding = await ffmpegRate(new FfmpegSource(input), subject.rho);
    await bare.rate(warmMs);
    const inference = await bare.rate(turnMs);
    const agent = new BenchAgent(new ChildCamera({ source: new FfmpegSource(input), clock, random: Math.random }), subject);
    await agent.start();
    await agent.flows(warmMs);
    rates.push({ ours: await agent.rate(turnMs), other: Math.min(decoding, inference) });
    await agent.stop();
  }
  await bare.close();
  return rates;
}

/** The same program with the same arguments, which throws its frames away. @returns frames a second */
async function ffmpegRate(source: FfmpegSource, rho: number): Promise<number> {
  const { program, args } = await source.command({ rho, crop: 0.875 }, 0);
  const toNull = [...args.slice(0, args.lastIndexOf('-f')), '-f', 'null', '-progress', 'pipe:1', '-stats_period', '0.05', '-'];
  const child = spawn(program, toNull, { stdio: ['ignore', 'pipe', 'ignore'] });
  let frames = 0;
  let at = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [, count] of text.matchAll(/^frame=(\d+)$/gm)) frames = Number(count);
    at = performance.now();
  });
  while (frames === 0) await pause(5);
  await pause(warmMs);
  const start = { frames, at };
  await pause(turnMs);
  const rate = ((frames - start.frames) * 1000) / (at - start.at);
  child.kill('SIGKILL');
  return rate;
}
