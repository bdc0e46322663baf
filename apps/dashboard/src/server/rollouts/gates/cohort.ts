/** @file Whose windows count at a gate: those of one hardware class that can be compared, and what had to be set aside. Pure. */
import { blockLength, type Series, toSeries } from './blocks.ts';
import { leastAfterOf } from './effect.ts';
import type { ControlDevice, GateInput, Gates, GateWindow, TreatedDevice } from './input.ts';

/** A device that was switched: its own hours before, by the variant that it served then, and the judged stretch by the new one. */
export type Treated = { device: string; before: Series; after: Series };

export type Cohort = {
  hardwareClass: string;
  /** The judged stretch. */
  from: number;
  to: number;
  /** Length of a block, milliseconds. */
  length: number;
  /** Blocks after the switch without which nothing is said. */
  leastAfter: number;
  treated: Treated[];
  controls: Series[];
  /** Devices that serve the new variant and of which the stretch has no frame. */
  silent: string[];
  /** Share of the treated devices' time in which the board was throttled or the governor had stepped down. */
  setAside: number;
};

/** Caches and clocks settle within the first minute of a new variant. */
export const settleMs = 60_000;
/** What is dated later than this past the hub's own time was dated by a wrong clock. */
const clockSlackMs = 60_000;
const longestWindowMs = 3_600_000;

/** What a look needs of each device's telemetry: the hours before each phase, and the judged stretch. */
export function spansOf(treated: readonly TreatedDevice[], { window, baseline }: Gates, now: number): { from: number; to: number }[] {
  return [...treated.map(({ toldAt }) => ({ from: toldAt - baseline, to: toldAt })), { from: now - window, to: now }];
}

/** @returns one for each hardware class that a treated device is of. */
export function cohortsOf(input: GateInput): Cohort[] {
  const windows = new Map<string, GateWindow[]>();
  for (const window of input.windows) {
    if (!isPlausible(window, input.now)) continue;
    const list = windows.get(window.device);
    if (list === undefined) windows.set(window.device, [window]);
    else list.push(window);
  }
  const classes = [...new Set(input.treated.map(({ hardwareClass }) => hardwareClass))].sort();
  return classes.map((hardwareClass) => toCohort(hardwareClass, input, windows));
}

function isPlausible({ start, end }: GateWindow, now: number): boolean {
  return end > start && end - start <= longestWindowMs && end <= now + clockSlackMs;
}

/** Where the governor stands. ρ of a variant with one resolution counts as 0, letting every frame through as infinitely fast. */
type Setting = { rho: number; rate: number };
type Sides = { device: string; before: GateWindow[]; after: GateWindow[]; full: Setting };

function toCohort(hardwareClass: string, input: GateInput, windows: ReadonlyMap<string, GateWindow[]>): Cohort {
  const { now, gates } = input;
  const own = input.treated.filter((device) => device.hardwareClass === hardwareClass);
  const sides = own.map((device) => sidesOf(device, windows.get(device.device) ?? [], input));
  const kept = sides.map(({ device, before, after, full }) => ({
    device,
    before: steady(before),
    after: after.filter((window) => isComparable(window, full)),
  }));
  const length = blockLength(
    kept.flatMap(({ after }) => after),
    gates.window,
  );
  const treated = kept.map(({ device, before, after }) => ({
    device,
    before: toSeries(before, length),
    after: toSeries(after, length),
  }));
  const earliest = Math.min(...own.map(({ toldAt }) => toldAt)) - gates.baseline;
  return {
    hardwareClass,
    from: Math.max(now - gates.window, Math.min(...own.map(({ switchedAt }) => switchedAt))),
    to: now,
    length,
    leastAfter: leastAfterOf(gates.window / length),
    treated: treated.filter(({ after }) => after.size > 0),
    controls: controlsOf(input.control, own, hardwareClass).map((device) =>
      toSeries(steady(since(windows.get(device) ?? [], earliest)), length),
    ),
    silent: sides.filter(({ after }) => after.every(({ classified }) => classified === 0)).map(({ device }) => device),
    setAside: shareSetAside(sides),
  };
}

/** A device that is on both lists is no control. */
function controlsOf(control: readonly ControlDevice[], treated: readonly TreatedDevice[], hardwareClass: string): string[] {
  const switched = new Set(treated.map(({ device }) => device));
  return control.filter((each) => each.hardwareClass === hardwareClass && !switched.has(each.device)).map(({ device }) => device);
}

function sidesOf({ device, variant, toldAt, switchedAt }: TreatedDevice, windows: GateWindow[], { now, gates }: GateInput): Sides {
  const from = Math.max(switchedAt + settleMs, now - gates.window);
  const before = windows.filter((window) => window.end <= toldAt && window.start >= toldAt - gates.baseline && window.variant !== variant);
  const after = windows.filter((window) => window.start >= from && window.variant === variant);
  const rho = after.reduce((highest, window) => Math.max(highest, settingOf(window).rho), 0);
  return { device, before, after, full: { rho, rate: usualSetting(before.length > 0 ? before : after).rate } };
}

function since(windows: GateWindow[], from: number): GateWindow[] {
  return windows.filter(({ start }) => start >= from);
}

/** Of the variant that served last, at its usual setting, by a board that was not throttled. */
function steady(windows: GateWindow[]): GateWindow[] {
  const variant = windows.reduce<GateWindow | undefined>(
    (last, window) => (last && last.end >= window.end ? last : window),
    undefined,
  )?.variant;
  const same = windows.filter((window) => window.variant === variant);
  const usual = usualSetting(same);
  return same.filter((window) => !window.throttled && settingOf(window).rho === usual.rho && settingOf(window).rate === usual.rate);
}

/** At another ρ, or with fewer frames a second, a window is about another workload: its latency says nothing of the variant. */
function isComparable(window: GateWindow, full: Setting): boolean {
  const { rho, rate } = settingOf(window);
  return !window.throttled && rho >= full.rho && rate >= full.rate;
}

function settingOf({ rho, rate }: GateWindow): Setting {
  return { rho: rho ?? 0, rate: rate ?? Number.POSITIVE_INFINITY };
}

/** The one that stood longest. */
function usualSetting(windows: readonly GateWindow[]): Setting {
  const times = new Map<string, { setting: Setting; time: number }>();
  for (const window of windows) {
    const setting = settingOf(window);
    const key = `${setting.rho} ${setting.rate}`;
    const entry = times.get(key) ?? { setting, time: 0 };
    entry.time += window.end - window.start;
    times.set(key, entry);
  }
  let usual = { setting: { rho: 0, rate: 0 }, time: 0 };
  for (const entry of times.values()) if (entry.time > usual.time) usual = entry;
  return usual.setting;
}

function shareSetAside(sides: readonly Sides[]): number {
  let all = 0;
  let aside = 0;
  for (const { after, full } of sides) {
    for (const window of after) {
      const time = window.end - window.start;
      all += time;
      if (!isComparable(window, full)) aside += time;
    }
  }
  return all === 0 ? 0 : aside / all;
}
