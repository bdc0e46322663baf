/** @file Raw frames through the whole agent: frames a second against a bare session.run loop, and what the agent adds to one frame. */
import { BenchAgent } from './bench-agent.ts';
import { median, pause, print, printRatio, type Turn } from './figures.ts';
import { RawFrameSource } from './ports.ts';
import { BareLoop, makeSubject, pairs, type Subject } from './subject.ts';

/** Short turns, so that both sides meet the same machine. */
const turns = 25;
const turnMs = 300;
/** Each turn runs this long before it is measured. */
const warmMs = 60;

/** The smallest variant leaves the agent the least time a frame. */
const bars = new Map([
  [128, 0.85],
  [160, 0.95],
  [224, 0.95],
]);
const latencyBarMs = 0.5;
const singleFrames = 300;
/** Between two single frames: long enough that everything has gone to sleep again. */
const restMs = 10;

export async function benchRaw(folder: string): Promise<boolean> {
  print(`Raw frames through the agent against a bare session.run loop: frames/s, median of ${turns} turns of ${turnMs} ms`);
  const added: string[] = [];
  let met = true;
  for (const pair of pairs) {
    const subject = await makeSubject(pair, folder);
    const { rates, latencies } = await measure(subject);
    met = printRatio(subject.name, rates, 'bare', bars.get(pair.rho) as number) && met;
    const p50 = median(latencies);
    met = met && p50 <= latencyBarMs;
    added.push(`  ${subject.name.padEnd(12)} p50 ${p50.toFixed(2)} ms  (bar ${latencyBarMs}${p50 <= latencyBarMs ? '' : ', MISSED'})`);
  }
  print(
    `From a complete frame to its classification, less session.run, where the classifier is idle: ${singleFrames} single frames, one each ${restMs} ms`,
  );
  for (const line of added) print(line);
  return met;
}

async function measure(subject: Subject): Promise<{ rates: Turn[]; latencies: number[] }> {
  const bare = await BareLoop.open(subject);
  const source = new RawFrameSource();
  let answered: (inferenceMs: number) => void = () => source.answered();
  const agent = new BenchAgent(source, subject, (result) => answered(result.stages.inference));
  await agent.start();
  const rates: Turn[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await bare.rate(warmMs);
    const other = await bare.rate(turnMs);
    source.play();
    await pause(warmMs);
    rates.push({ ours: await agent.rate(turnMs), other });
    source.pause();
    await pause(warmMs);
  }
  const latencies: number[] = [];
  for (let frame = 0; frame < singleFrames; frame += 1) {
    await pause(restMs);
    const result = new Promise<number>((resolve) => {
      answered = resolve;
    });
    const start = performance.now();
    source.give();
    latencies.push(-(await result) + performance.now() - start);
  }
  await agent.stop();
  await bare.close();
  return { rates, latencies };
}
