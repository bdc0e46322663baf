/**
 * @file A rollout that is being written, as it stands in the address: who sends the address sends the draft. Only what differs from the
 * usual is written there. Pure, and small: the browser reads it too.
 */
import type { RolloutSpecInput } from '@alpharho/protocol';

export const draftSteps = ['variant', 'devices', 'stages', 'gates', 'review'] as const;
export type DraftStep = (typeof draftSteps)[number];

/** Minutes, and as the operator wrote it: a number of devices, or "10%". */
export type DraftStage = { size: string; soak: number; approval: boolean };

export type Draft = {
  step: DraftStep;
  name: string;
  /** One for all; '' where it is not chosen, or each class has its own. */
  variant: string;
  /** Hardware class → variant. */
  perClass: Record<string, string>;
  /** Milliseconds, as written: the goal by which the planner chooses. */
  goal: string;
  where: string;
  otherLabels: boolean;
  lateJoiners: boolean;
  stages: DraftStage[];
  atOnce: number;
  gates: Record<GateField, string>;
  onFail: 'roll_back' | 'pause' | 'abort';
  /** Milliseconds; null: at once. */
  startAt: number | null;
  window: { from: string; to: string; zone: string } | null;
};

export const gateFields = [
  'p95Ms',
  'p95Slower',
  'framesFewer',
  'errors',
  'agreement',
  'confidence',
  'classMix',
  'failures',
  'wait',
] as const;
export type GateField = (typeof gateFields)[number];

const usualStages: DraftStage[] = ['1', '10%', '50%', '100%'].map((size) => ({ size, soak: 15, approval: false }));
const usualAtOnce = 20;

type Params = Record<string, string | string[] | undefined>;

/** What means nothing is left out. */
export function readDraft(params: Params): Draft {
  const one = (key: string) => (typeof params[key] === 'string' ? params[key].slice(0, 2_000) : '');
  const atOnce = Number(one('atOnce'));
  const startAt = Number(one('startAt'));
  const window = /^(\d\d:\d\d)-(\d\d:\d\d)~(.{1,60})$/.exec(one('window'));
  const onFail = one('onFail');
  return {
    step: draftSteps.find((step) => step === one('step')) ?? 'variant',
    name: one('name').slice(0, 80),
    variant: digest(one('variant')),
    perClass: readPerClass(params.class),
    goal: one('goal').slice(0, 10),
    where: one('where'),
    otherLabels: one('otherLabels') === '1',
    lateJoiners: one('late') !== '0',
    stages: readStages(one('stages')) ?? usualStages,
    atOnce: Number.isInteger(atOnce) && atOnce >= 1 && atOnce <= 10_000 ? atOnce : usualAtOnce,
    gates: Object.fromEntries(gateFields.map((field) => [field, one(field).slice(0, 12)])) as Draft['gates'],
    onFail: onFail === 'pause' || onFail === 'abort' ? onFail : 'roll_back',
    startAt: Number.isSafeInteger(startAt) && startAt > 0 ? startAt : null,
    window: window === null ? null : { from: window[1] ?? '', to: window[2] ?? '', zone: window[3] ?? '' },
  };
}

function digest(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text : '';
}

/** class=<digest>:Raspberry Pi 4, as often as there are classes. */
function readPerClass(param: string | string[] | undefined): Record<string, string> {
  const entries = [param ?? []].flat().flatMap((text): [string, string][] => {
    const [, id, name] = /^([0-9a-f]{64}):(.{1,200})$/.exec(text) ?? [];
    return id === undefined || name === undefined ? [] : [[name, id]];
  });
  return Object.fromEntries(entries.slice(0, 50));
}

/** 1~15,10%~30~a: size as it is typed, soak in minutes, with approval. The schema says what is no size. */
function readStages(text: string): DraftStage[] | null {
  if (text === '') return null;
  const stages = text.split(',').map((part): DraftStage | null => {
    const [, size, soak, approval] = /^([^~,]{0,8})~(\d{1,5})(~a)?$/.exec(part) ?? [];
    return size === undefined ? null : { size, soak: Number(soak), approval: approval !== undefined };
  });
  return stages.length <= 20 && stages.every((stage) => stage !== null) ? stages : null;
}

/** The address of a changed draft. */
export function draftHref(draft: Draft, change: Partial<Draft> = {}): string {
  const next = { ...draft, ...change };
  const params = new URLSearchParams();
  const put = (key: string, value: string, usual = '') => {
    if (value !== usual) params.append(key, value);
  };
  put('step', next.step, 'variant');
  put('name', next.name);
  put('variant', next.variant);
  for (const [name, id] of Object.entries(next.perClass)) put('class', `${id}:${name}`);
  put('goal', next.goal);
  put('where', next.where);
  put('otherLabels', next.otherLabels ? '1' : '');
  put('late', next.lateJoiners ? '' : '0');
  put('stages', writeStages(next.stages), writeStages(usualStages));
  put('atOnce', String(next.atOnce), String(usualAtOnce));
  for (const field of gateFields) put(field, next.gates[field].trim());
  put('onFail', next.onFail, 'roll_back');
  put('startAt', next.startAt === null ? '' : String(next.startAt));
  if (next.window !== null) put('window', `${next.window.from}-${next.window.to}~${next.window.zone}`);
  const written = params.toString();
  return written === '' ? '/rollouts/new' : `/rollouts/new?${written}`;
}

function writeStages(stages: readonly DraftStage[]): string {
  return stages.map(({ size, soak, approval }) => `${size}~${soak}${approval ? '~a' : ''}`).join(',');
}

/** Whether there is enough of it to say who would change. */
export function isComplete({ where, variant, perClass }: Draft): boolean {
  return where.trim() !== '' && (variant !== '' || Object.keys(perClass).length > 0);
}

/** Milliseconds; null where none is written, or no number. */
export function goalOf({ goal }: Draft): number | null {
  const value = read(goal) ?? 0;
  return value > 0 ? value : null;
}

const minute = 60_000;

/** As the protocol's schema takes it; that says what is wrong with it. */
export function specOf(draft: Draft): RolloutSpecInput {
  const { name, variant, perClass, where, stages, atOnce, onFail, startAt, window } = draft;
  return {
    ...(name.trim() !== '' && { name }),
    targets: { where: where.trim() },
    ...(variant === '' ? { variants: perClass } : { variant }),
    otherLabels: draft.otherLabels,
    lateJoiners: draft.lateJoiners ? 'include' : 'ignore',
    phases: stages.map(({ size, soak, approval }) => ({
      ...(size.endsWith('%') ? { percent: Number(size.slice(0, -1)) } : { count: Number(size) }),
      soak: soak * minute,
      advance: approval ? ('approval' as const) : ('automatic' as const),
      concurrency: atOnce,
    })),
    gates: gatesOf(draft),
    onFail,
    ...waitOf(draft),
    schedule: {
      ...(startAt !== null && { notBefore: startAt }),
      windows: window === null ? [] : [{ from: window.from, to: window.to, timeZone: window.zone }],
    },
  };
}

function waitOf({ gates: { wait } }: Draft): Pick<RolloutSpecInput, 'onInconclusive'> {
  const minutes = read(wait);
  return minutes === undefined ? {} : { onInconclusive: { wait: minutes * minute } };
}

/** Percent and milliseconds as people write them → the shares and ratios of the schema. */
function gatesOf({ gates }: Draft): NonNullable<RolloutSpecInput['gates']> {
  const { p95Ms, p95Slower, framesFewer, errors, agreement, confidence, classMix, failures } = gates;
  const share = (text: string) => scaled(text, 0.01);
  const slower = share(p95Slower);
  const fewer = share(framesFewer);
  return {
    latencyP95: { ...given('maxMs', read(p95Ms)), ...given('maxRatioToControl', slower === undefined ? undefined : round(1 + slower)) },
    frameRate: given('minRatioToControl', fewer === undefined ? undefined : round(1 - fewer)),
    errorRate: given('max', share(errors)),
    agreement: given('min', share(agreement)),
    confidenceShift: given('max', read(confidence)),
    classMixShift: given('max', read(classMix)),
    ...given('failuresAllowed', read(failures)),
  };
}

/** What is no number goes on as it is not one: the schema says where. */
function read(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text.trim().replace(',', '.'));
}

function scaled(text: string, factor: number): number | undefined {
  const value = read(text);
  return value === undefined ? undefined : round(value * factor);
}

/** 0.15 rather than 0.15000000000000002. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function given<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };
}
