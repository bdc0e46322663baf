/** @file transformers.js as the other side of a comparison. It is installed into a folder of the bench's own, and never beside the agent. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Subject } from './subject.ts';
import type { TurnRequest } from './transformers-child.ts';
import { writeTransformersModel } from './transformers-model.ts';

const run = promisify(execFile);
const packageName = '@huggingface/transformers';
/** The registry's whole answer and half a gigabyte of unpacking. */
const installMs = 300_000;

export type Installed = { readonly entry: string; readonly version: string };

/** @throws Error with npm's own words where it cannot be installed */
export async function installTransformers(folder: string): Promise<Installed> {
  await mkdir(folder, { recursive: true });
  // Without install scripts: what they fetch are the CUDA libraries of ONNX Runtime, which no one measures here.
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', '--prefix', folder, ...quiet, `${packageName}@4`], { cwd: folder, timeout: installMs });
  const home = join(folder, 'node_modules', packageName);
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  return { entry: join(home, 'dist/transformers.node.mjs'), version };
}

export class Transformers {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Opens the image-classification pipeline on the subject's own weights. */
  static async open({ entry }: Installed, subject: Subject, picture: string, threads: number): Promise<Transformers> {
    await writeTransformersModel(subject.folder, 'model', subject);
    const script = fileURLToPath(new URL('transformers-child.js', import.meta.url));
    const child = fork(script, [entry, subject.folder, 'model', picture, String(threads)]);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`transformers.js ended with ${code}`))),
    ]);
    return new Transformers(child);
  }

  /** @returns pictures a second */
  async rate(what: TurnRequest['what'], ms: number): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send({ what, ms } satisfies TurnRequest);
    const [rate] = (await answer) as [number];
    return rate;
  }

  close(): void {
    this.child.disconnect();
  }
}
