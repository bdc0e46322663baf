/** @file A 720p JPEG through the agent's HTTP camera against transformers.js' image-classification pipeline: same picture, weights, threads. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, sampleDataFolder } from '@alpharho/mobilenet-core';
import { MjpegCamera } from '../io/camera/mjpeg-camera.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import { createLog } from '../io/system/log.ts';
import { BenchAgent } from './bench-agent.ts';
import { median, print, printRatio, type Turn } from './figures.ts';
import { makeSubject, pairs, type Subject, threads } from './subject.ts';
import { type Installed, installTransformers, Transformers } from './transformers.ts';

const turns = 7;
const turnMs = 800;
const warmMs = 300;
const bar = 2;
/** Pictures a second that the camera sends: more than are decoded on two cores, and no flood, which would only be thrown away. */
const offered = 400;

export async function benchJpeg(folder: string): Promise<boolean> {
  const picture = join(sampleDataFolder(), 'images/scenes/cat_720p.jpg');
  if (!existsSync(picture)) return skipped(`there is no ${picture} (set ALPHARHO_SAMPLE_DATA)`);
  const installed = await installTransformers(join(folder, 'transformers')).catch((error: Error) => error);
  if (installed instanceof Error) return skipped(`npm cannot install it (${installed.message.trim().split('\n').at(-1)})`);
  print(
    `A 720p JPEG through the HTTP camera against transformers.js ${installed.version}: frames/s, median of ${turns} turns of ${turnMs} ms`,
  );
  let met = true;
  for (const pair of pairs) met = (await compare(await makeSubject(pair, folder), picture, installed)) && met;
  return met;
}

function skipped(why: string): boolean {
  print(`A 720p JPEG against transformers.js: skipped, ${why}`);
  return true;
}

async function compare(subject: Subject, picture: string, installed: Installed): Promise<boolean> {
  const server = fork(fileURLToPath(new URL('jpeg-server.js', import.meta.url)), [picture, String(offered)]);
  const [port] = (await once(server, 'message')) as [number];
  const other = await Transformers.open(installed, subject, picture, threads);
  try {
    const whole: Turn[] = [];
    const decoding: Turn[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      whole.push({ ours: await agentRate(subject, port), other: await other.rate('classify', turnMs) });
      decoding.push({ ours: await decodeRate(subject, picture), other: await other.rate('decode', turnMs) });
    }
    const met = printRatio(subject.name, whole, 'other', bar);
    const alone = median(decoding.map((turn) => turn.ours / turn.other));
    print(
      `    of that decoding alone, one picture after the other: ${median(decoding.map((turn) => turn.ours)).toFixed(0)}/s, ratio ${alone.toFixed(2)}`,
    );
    return met;
  } finally {
    other.close();
    await gone(server);
  }
}

async function agentRate(subject: Subject, port: number): Promise<number> {
  const log = createLog({ level: 'warn', json: false, device: 'bench', write: (line) => process.stderr.write(line) });
  const url = new URL(`http://127.0.0.1:${port}/`);
  const agent = new BenchAgent(new MjpegCamera({ url, rate: undefined, view: {}, clock, random: Math.random, log }), subject);
  await agent.start();
  await agent.flows(warmMs);
  const rate = await agent.rate(turnMs);
  await agent.stop();
  return rate;
}

async function decodeRate({ rho }: Subject, picture: string): Promise<number> {
  const start = performance.now();
  let pictures = 0;
  for (; performance.now() - start < turnMs; pictures += 1) await decodeImage(await readFile(picture), { rho, draft: true });
  return (pictures * 1000) / (performance.now() - start);
}

async function gone(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
