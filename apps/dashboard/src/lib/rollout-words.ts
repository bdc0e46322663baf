/** @file Rollouts in the words of the design language: a rollout's state, its figures, a device's square. Pure. */
import type { PauseReason, RolloutDeviceState, RolloutState, UpdateCode, UpdatePhase } from '@alpharho/protocol';
import { phaseStates, type SquareState, updateWords } from './status.ts';

export type DeviceCounts = Record<RolloutDeviceState, number>;
export type RolloutTone = 'plain' | 'accent' | 'warn' | 'bad';
export type RolloutWord = { word: string; tone: RolloutTone };

type Standing = { state: RolloutState; reason: PauseReason | null; phase: number; phases: number };

const words: Record<RolloutState, RolloutWord> = {
  draft: { word: 'Planned', tone: 'plain' },
  scheduled: { word: 'Planned', tone: 'plain' },
  running: { word: 'Running', tone: 'accent' },
  soaking: { word: 'Running', tone: 'accent' },
  evaluating: { word: 'Holding', tone: 'warn' },
  awaiting_approval: { word: 'Needs approval', tone: 'warn' },
  paused: { word: 'Paused', tone: 'warn' },
  rolling_back: { word: 'Rolling back', tone: 'bad' },
  rolled_back: { word: 'Rolled back', tone: 'warn' },
  aborted: { word: 'Aborted', tone: 'plain' },
  completed: { word: 'Done', tone: 'plain' },
};

/** `Holding at stage 3 of 4`; the stage where the rollout stands in one. */
export function rolloutWord({ state, reason, phase, phases }: Standing): RolloutWord {
  const { word, tone } = words[state];
  const staged = ['running', 'soaking', 'evaluating', 'awaiting_approval', 'paused'].includes(state) && phases > 1;
  const alarming = state === 'paused' && reason !== null && reason !== 'operator';
  return { word: staged ? `${word} at stage ${phase + 1} of ${phases}` : word, tone: alarming ? 'bad' : tone };
}

const ended: readonly RolloutState[] = ['completed', 'aborted', 'rolled_back'];

export function isOver(state: RolloutState): boolean {
  return ended.includes(state);
}

/** Something is done, or waits for a person, though nobody looks. */
export function isLive(state: RolloutState): boolean {
  return state !== 'draft' && !isOver(state);
}

/** Devices go back to what they had, or have gone. */
export function goesBack(state: RolloutState, pausedFrom: RolloutState | null): boolean {
  return (
    state === 'rolling_back' || state === 'rolled_back' || state === 'aborted' || (state === 'paused' && pausedFrom === 'rolling_back')
  );
}

export type RolloutFigures = {
  /** All of them; what follows sums to it. */
  total: number;
  /** The new variant serves and has proven itself. */
  committed: number;
  inMotion: number;
  failed: number;
  waiting: number;
  /** The old variant serves again. */
  back: number;
  leftOut: number;
};

export function figuresOf(counts: DeviceCounts): RolloutFigures {
  const { committed, waiting, returned: back } = counts;
  return {
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    committed,
    inMotion: counts.told + counts.moving + counts.returning,
    failed: counts.failed + counts.rolled_back + counts.timed_out + counts.return_failed,
    waiting,
    back,
    leftOut: counts.skipped + counts.superseded,
  };
}

/** How many have been told to take the new variant, whatever came of it. */
export function setOf({ total, waiting, leftOut }: RolloutFigures): number {
  return total - waiting - leftOut;
}

export type SquareFacts = {
  state: RolloutDeviceState;
  online: boolean;
  held: boolean;
  /** "downloading 40". */
  step: string | null;
  outcome: UpdateCode | null;
  error: { code: string } | null;
  /** Why it was left out from the start. */
  note: string | null;
};
export type Square = { shape: SquareState; word: string; percent: number | null };

const squares: Partial<Record<RolloutDeviceState, Square>> = {
  committed: { shape: 'committed', word: 'Committed', percent: null },
  rolled_back: { shape: 'rolled_back', word: 'Rolled back by itself', percent: null },
  skipped: { shape: 'cancelled', word: 'Left out', percent: null },
  superseded: { shape: 'cancelled', word: 'Given another variant', percent: null },
  returning: { shape: 'returning', word: 'Returning', percent: null },
  returned: { shape: 'rolled_back', word: 'Back on the old variant', percent: null },
  return_failed: { shape: 'failed', word: 'Could not go back', percent: null },
};

/** What stands for a device among the others. */
export function squareOf({ state, online, held, step, outcome, error, note }: SquareFacts): Square {
  if (state === 'skipped' && note === null) return { shape: 'cancelled', word: 'Called off', percent: null };
  const fixed = squares[state];
  if (fixed !== undefined) return fixed;
  if (state === 'failed') {
    const shape = error?.code === 'quarantined' ? 'quarantined' : outcome === 'refused' ? 'refused' : 'failed';
    return { shape, word: updateWords[shape], percent: null };
  }
  const away = online ? '' : ', offline';
  if (state === 'timed_out') return { shape: online ? 'failed' : 'waiting_offline', word: `Out of time${away}`, percent: null };
  const moving = state === 'moving' && online ? stepOf(step, held) : undefined;
  return (
    moving ?? { shape: online ? 'waiting' : 'waiting_offline', word: state === 'waiting' ? `Waiting${away}` : `Told${away}`, percent: null }
  );
}

function stepOf(step: string | null, held: boolean): Square | undefined {
  if (held) return { shape: 'staged', word: 'Staged, held', percent: null };
  const [phase = '', percent] = step?.split(' ') ?? [];
  const shape = phaseStates[phase as UpdatePhase];
  return shape && { shape, word: updateWords[shape], percent: percent === undefined ? null : Number(percent) };
}

/** Like stands by like. */
const rank: readonly SquareState[] = [
  'committed',
  'probation',
  'switching',
  'shadowing',
  'warming',
  'staged',
  'verifying',
  'downloading',
  'returning',
  'rolled_back',
  'failed',
  'refused',
  'quarantined',
  'waiting',
  'waiting_offline',
];

export function bySquare(a: Square, b: Square): number {
  const weight = ({ shape }: Square) => (rank.includes(shape) ? rank.indexOf(shape) : rank.length);
  return weight(a) - weight(b) || a.word.localeCompare(b.word);
}

/** "1 Canary", "2 to 20 %", "3 more". */
export function stageName(
  { count, percent }: { count?: number | undefined; percent?: number | undefined },
  index: number,
  last: boolean,
): string {
  if (index === 0 && count === 1 && !last) return 'Canary';
  if (last) return 'to 100 %';
  return percent === undefined ? `${count} more` : `to ${percent} %`;
}

/** q06 for quay-06, where that tells all of them apart; with what the letters stand for. */
export function shortNames(ids: readonly string[]): { names: Map<string, string>; letters: [letter: string, word: string][] } | null {
  const names = new Map<string, string>();
  const letters = new Map<string, string>();
  for (const id of ids) {
    const [, word, number] = /^([A-Za-z]+)[-_]?(\d{1,3})$/.exec(id) ?? [];
    if (word === undefined || number === undefined) return null;
    const letter = word.charAt(0).toLowerCase();
    if ((letters.get(letter) ?? word) !== word) return null;
    letters.set(letter, word);
    names.set(id, `${letter}${number}`);
  }
  return { names, letters: [...letters] };
}
