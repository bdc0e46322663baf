/** @file Whether the machine's clock follows a time source. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/** systemd-timesyncd makes it at its first success after the start (systemd-timesyncd.service(8)); no program is needed to see it. */
const timesyncdSays = 'run/systemd/timesync/synchronized';

/** Other daemons are asked for through the kernel's own flag, which only a program can read; seldom, for it does not change often. */
const askMs = 60_000;

export type ClockSyncOptions = {
  readonly root: string;
  /** Path or name of timedatectl. */
  readonly program: string;
  readonly monotonic: () => number;
};

export class ClockSync {
  private readonly options: ClockSyncOptions;
  private asked: { readonly at: number; readonly answer: boolean | undefined } | undefined;

  constructor(options: ClockSyncOptions) {
    this.options = options;
  }

  /** @returns undefined where it cannot be told */
  async read(): Promise<boolean | undefined> {
    const { root, program, monotonic } = this.options;
    const isThere = await access(join(root, timesyncdSays)).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
    const now = monotonic();
    if (this.asked === undefined || now - this.asked.at >= askMs) this.asked = { at: now, answer: await ask(program) };
    return this.asked.answer;
  }
}

async function ask(program: string): Promise<boolean | undefined> {
  const answer = await runTool(program, ['show', '--property=NTPSynchronized', '--value']).catch(() => undefined);
  const word = answer?.ok === true ? answer.stdout.toString('utf8').trim() : '';
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}
