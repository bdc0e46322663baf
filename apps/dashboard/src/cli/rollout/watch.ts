/** @file `alpharho rollout watch`: a rollout until its end; drawn in place on a terminal, in plain lines elsewhere. */
import type { Database } from '@alpharho/db';
import { AlpharhoError, type RolloutState } from '@alpharho/protocol';
import { type RolloutDetail, type RolloutEventFacts, readRollout, readRolloutEvents } from '../../server/rollouts/store/read.ts';
import { eventLine, progressLines, standing } from './words.ts';

export type WatchParts = {
  now: () => number;
  /** Between two looks; ends early where the watch is called off. */
  wait: (ms: number) => Promise<unknown>;
  signal: AbortSignal;
  write: (text: string) => void;
  /** Of the terminal; undefined where there is none. */
  columns?: number | undefined;
  /** Ends, too, where nothing goes on without an operator. */
  untilWaiting?: boolean | undefined;
};

/** How it ended → exit code. 1 is an error of the command. */
export const exitCodes = { completed: 0, rolled_back: 3, aborted: 4, waiting: 5, interrupted: 130 } as const;

const lookMs = 1000;
/** Of what happened before the watch began. */
const firstEvents = 20;

/** @returns the exit code. @throws AlpharhoError rollout_unknown */
export async function watchRollout(db: Database, id: string, parts: WatchParts): Promise<number> {
  const screen = parts.columns === undefined ? new Lines(parts.write) : new Screen(parts.write, parts.columns);
  let lastEvent: number | undefined;
  while (!parts.signal.aborted) {
    const rollout = await readRollout(db, id, parts.now());
    if (rollout === null) throw new AlpharhoError('rollout_unknown', `rollout ${id.slice(0, 40)}: it is not there any more`);
    const events = await eventsSince(db, id, lastEvent);
    lastEvent = events.at(-1)?.id ?? lastEvent ?? 0;
    screen.show(rollout, events, parts.now());
    const code = endOf(rollout.state, parts.untilWaiting === true);
    if (code !== undefined) return code;
    await parts.wait(lookMs);
  }
  return exitCodes.interrupted;
}

function endOf(state: RolloutState, untilWaiting: boolean): number | undefined {
  if (state === 'completed' || state === 'rolled_back' || state === 'aborted') return exitCodes[state];
  return untilWaiting && (state === 'paused' || state === 'awaiting_approval' || state === 'draft') ? exitCodes.waiting : undefined;
}

/** The oldest first. */
async function eventsSince(db: Database, id: string, last: number | undefined): Promise<RolloutEventFacts[]> {
  if (last === undefined) return (await readRolloutEvents(db, id, { take: firstEvents })).reverse();
  const found: RolloutEventFacts[] = [];
  for (;;) {
    const before = found.at(-1)?.id;
    const page = await readRolloutEvents(db, id, before === undefined ? {} : { before });
    const news = page.filter((event) => event.id > last);
    found.push(...news);
    if (news.length === 0 || news.length < page.length) return found.reverse();
  }
}

/** A line for each thing that happened, and one where the figures moved. */
class Lines {
  private last = '';
  private readonly write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  show(rollout: RolloutDetail, events: readonly RolloutEventFacts[], now: number): void {
    for (const event of events) this.write(`${eventLine(event)}\n`);
    const line = standing(rollout);
    if (line !== this.last) this.write(`${new Date(now).toISOString()}  ${line}\n`);
    this.last = line;
  }
}

/** What happened scrolls away above; below it stands how things are. */
class Screen {
  private drawn = 0;
  private readonly write: (text: string) => void;
  private readonly columns: number;

  constructor(write: (text: string) => void, columns: number) {
    this.write = write;
    this.columns = columns;
  }

  show(rollout: RolloutDetail, events: readonly RolloutEventFacts[], now: number): void {
    const lines = progressLines(rollout, now);
    const back = this.drawn === 0 ? '' : `\u001b[${this.drawn}A\r\u001b[J`;
    this.write(back + [...events.map(eventLine), ...lines].map((line) => `${line.slice(0, this.columns - 1)}\n`).join(''));
    this.drawn = lines.length;
  }
}
