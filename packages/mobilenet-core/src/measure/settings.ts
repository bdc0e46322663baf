/** @file Which settings a variant can be run with on a machine: threads and execution providers. */
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { mostThreads, type RunSetting } from '../runtime/classifier.ts';
import { measureCold } from './cold.ts';

/** Thread counts worth trying: 1, 2, 4, … and all cores. */
export function threadChoices(cores: number): number[] {
  const most = Math.min(Math.max(Math.floor(cores), 1), mostThreads);
  const choices: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) choices.push(threads);
  return [...choices, most];
}

/** All thread counts on the CPU; one setting for each other provider, which brings processors of its own. */
export function settingsFor(threads: readonly number[], providers: readonly string[]): RunSetting[] {
  return providers.flatMap((provider) =>
    provider === 'cpu' ? threads.map((count) => ({ threads: count, provider })) : [{ threads: 1, provider }],
  );
}

/** "cpu, 2 threads", "cuda". */
export function settingName({ provider, threads, twin = false }: RunSetting): string {
  const name = provider === 'cpu' ? `cpu, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : provider;
  return twin ? `${name}, float32 twin` : name;
}

/** Whether two settings are the same. */
export function sameSetting(a: RunSetting, b: RunSetting): boolean {
  return a.provider === b.provider && a.threads === b.threads && (a.twin ?? false) === (b.twin ?? false);
}

/** A provider of the runtime's build that does not run here, and what the runtime said. */
export type UnusableProvider = { provider: string; reason: string };

/**
 * Tries each provider in a process of its own: one whose driver is missing or broken may end its process.
 * @param file path of a variant file to try it with
 * @returns those that ran it, and the others with the reason
 */
export async function tryProviders(
  file: string,
  providers: readonly string[],
  signal?: AbortSignal,
): Promise<{ usable: string[]; unusable: UnusableProvider[] }> {
  const usable: string[] = [];
  const unusable: UnusableProvider[] = [];
  for (const provider of providers) {
    const reason = provider === 'cpu' ? undefined : await whyNot(file, provider, signal);
    if (reason === undefined) usable.push(provider);
    else unusable.push({ provider, reason });
  }
  return { usable, unusable };
}

async function whyNot(file: string, provider: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    await measureCold(file, { provider, threads: 1 }, { runs: 1, ...(signal ? { signal } : {}) });
    return undefined;
  } catch (error) {
    if (isAlpharhoError(error, 'warmup_failed')) return error.message.replace(/^the model does not run here: /, '');
    throw error;
  }
}

/**
 * Checks providers that somebody named against those of the runtime's build.
 * @throws AlpharhoError config_invalid, naming those that there are
 */
export function checkProviders(named: readonly string[], present: readonly string[]): void {
  const unknown = named.find((provider) => !present.includes(provider));
  if (unknown === undefined) return;
  throw new AlpharhoError(
    'config_invalid',
    `the installed runtime has no execution provider "${unknown.slice(0, 40)}"; it has ${present.join(', ')}`,
  );
}
