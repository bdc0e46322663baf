/** @file Whether a Raspberry Pi's firmware holds its processor back, and why. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Throttle, throttles } from '@alpharho/protocol';
import { runTool } from './run-tool.ts';

/** The kernel of Raspberry Pi OS gives the figure as a file of its firmware device (`soc:firmware`), without a program. */
const devices = 'sys/bus/platform/devices';

export type ThrottlingOptions = {
  readonly root: string;
  /** Path or name of the program that is asked where there is no such file. */
  readonly program: string;
  readonly monotonic: () => number;
};

/** A program is started no more often, milliseconds. */
const askMs = 10_000;

/** Asks a program only where one is there: once it was not found, it is not looked for again. */
export class Throttling {
  private readonly options: ThrottlingOptions;
  private file: Promise<string | undefined> | undefined;
  private hasProgram = true;
  private asked: { readonly at: number; readonly answer: Throttle[] | undefined } | undefined;

  constructor(options: ThrottlingOptions) {
    this.options = options;
  }

  /** @returns what holds now; undefined where the board cannot tell */
  async read(): Promise<Throttle[] | undefined> {
    this.file ??= findFile(this.options.root);
    const file = await this.file;
    if (file !== undefined) return parseThrottled(await readFile(file, 'utf8').catch(() => ''));
    const now = this.options.monotonic();
    if (this.hasProgram && (this.asked === undefined || now - this.asked.at >= askMs)) this.asked = { at: now, answer: await this.ask() };
    return this.asked?.answer;
  }

  private async ask(): Promise<Throttle[] | undefined> {
    const answer = await runTool(this.options.program, ['get_throttled']).catch(() => undefined);
    this.hasProgram = answer !== undefined;
    return answer?.ok === true ? parseThrottled(answer.stdout.toString('utf8')) : undefined;
  }
}

/**
 * `throttled=0x50005` or `50005`. Bits 0 to 3 say what holds now, in the order of `throttles`; 16 to 19 what was at some time since the
 * start, which is not asked here (raspberrypi.com/documentation/computers/os.html#get_throttled).
 */
export function parseThrottled(text: string): Throttle[] | undefined {
  const match = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text);
  if (match === null) return undefined;
  const bits = Number.parseInt(match[1] ?? '', 16);
  return throttles.filter((_, bit) => (bits & (1 << bit)) !== 0);
}

async function findFile(root: string): Promise<string | undefined> {
  const folder = join(root, devices);
  const found = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('firmware'));
  for (const name of found) {
    const file = join(folder, name, 'get_throttled');
    if (parseThrottled(await readFile(file, 'utf8').catch(() => '')) !== undefined) return file;
  }
  return undefined;
}
