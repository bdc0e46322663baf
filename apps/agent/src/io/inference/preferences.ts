/** @file How the operator wants variants to run, and in which order execution providers are tried. */

export type Preferences = {
  /** Execution providers, the preferred one first; undefined: what the runtime lists, and the fastest that comes up. */
  readonly providers: readonly string[] | undefined;
  /** Threads that work on one inference; undefined: measured. */
  readonly threads: number | undefined;
  /** Measure a variant when it is seen for the first time. */
  readonly tune: boolean;
  /** Run a quantized variant's float32 twin where that is faster here. */
  readonly twins: boolean;
  /** The folder where measurements and what became of providers are kept. */
  readonly folder: string;
};

export type InferencePreferences = Preferences & {
  /** Providers that failed while they served, with the reason: they are passed over. */
  readonly failed: Readonly<Record<string, string>>;
};

/** Always there, and the last resort. */
export const cpu = 'cpu';

/** Accelerators that boards have; what else a runtime lists is tried where it is asked for by name. */
const automatic = ['tensorrt', 'cuda', cpu];

/** @param listed by the installed runtime. @returns providers in the order in which they are tried; the CPU is the last one */
export function providerOrder(listed: readonly string[], wanted: readonly string[] | undefined): string[] {
  const order = (wanted ?? automatic).filter((name) => listed.includes(name));
  const last = order.indexOf(cpu);
  return [...order.slice(0, last < 0 ? undefined : last), cpu];
}

/** A board that runs nothing else still needs one core for the camera and the rest of the agent; more than four gain little on MobileNets. */
export function usualThreads(cores: number): number {
  return Math.min(Math.max(cores - 1, 1), 4);
}
