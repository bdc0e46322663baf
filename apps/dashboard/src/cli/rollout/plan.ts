/** @file `alpharho rollout plan`: what a rollout would do, from a file, from the command line, or for a goal. Nothing is started. */
import { writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Database } from '@alpharho/db';
import { AlpharhoError, parseRolloutSpec, type RolloutSpec } from '@alpharho/protocol';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { withAlpharhoErrors } from '../../server/errors.ts';
import type { Goal } from '../../server/rollouts/planner/input.ts';
import { previewRollout } from '../../server/rollouts/store/preview.ts';
import { type GoalPlan, planForGoal } from '../../server/services/plan-for-goal.ts';
import { findVariant } from '../../server/services/retire-variant.ts';
import { inDatabase } from '../in-database.ts';
import { readNumber } from './numbers.ts';
import { planText, previewText } from './plan-text.ts';
import { readDeclaration } from './read-declaration.ts';

type Flags = {
  variant?: string;
  targets?: string;
  best?: Goal['best'];
  p95?: number;
  minTop1?: number;
  fps?: number;
  memory?: number;
  output?: string;
  json?: true;
};

export function planCommand(): Command {
  const forGoal = (flags: string, what: string) => new Option(flags, what).argParser(readNumber(flags));
  return new Command('plan')
    .description('show what a rollout would do: its phases with their devices, who is left out and why. Nothing is started')
    .argument('[file]', 'a declared rollout, YAML or JSON')
    .option('--variant <id>', 'in place of a file: the first digits of its SHA-256')
    .option('--targets <query>', 'in place of a file: which devices, like site=quay, or id=* for all')
    .addOption(
      new Option('--best <what>', 'choose a variant for each hardware class, from what the fleet measured')
        .choices(['accuracy', 'latency'])
        .conflicts('variant'),
    )
    .addOption(forGoal('--p95 <ms>', 'with --best: at most so many milliseconds at the 95th percentile'))
    .addOption(forGoal('--min-top1 <percent>', 'with --best latency: at least so accurate'))
    .addOption(forGoal('--fps <rate>', 'with --best: at least so many frames a second'))
    .addOption(forGoal('--memory <MB>', "with --best: at most so much memory of the agent's process"))
    .option('-o, --output <file>', 'write the rollout to a file, for "rollout apply"')
    .option('--json', 'print JSON')
    .action((file: string | undefined, flags: Flags) => inDatabase((db) => plan(db, file, flags)));
}

async function plan(db: Database, file: string | undefined, flags: Flags): Promise<void> {
  const now = new Date();
  const goalPlan = flags.best === undefined ? undefined : await planForGoal(db, goalOf(flags), now);
  const spec = await specOf(db, file, flags, goalPlan);
  const preview = spec === undefined ? undefined : await previewRollout(db, spec, now.getTime());
  if (flags.json) console.log(JSON.stringify({ plan: goalPlan, spec, preview }, null, 2));
  else {
    if (goalPlan !== undefined) console.log(planText(goalPlan));
    if (spec !== undefined && preview !== undefined) console.log(await previewText(db, parseRolloutSpec(spec), preview));
  }
  if (flags.output !== undefined && spec !== undefined) await writeDeclaration(flags.output, spec);
  // A goal that some class cannot meet is no plan that a script should go on with.
  if (goalPlan !== undefined && goalPlan.blocking.length > 0) process.exitCode = 1;
}

/** A spec as it is written: defaults are filled in where it is read. */
type Written = Pick<RolloutSpec, 'name' | 'targets' | 'variant' | 'variants'>;

/** @returns undefined where the planner changes nothing. */
async function specOf(db: Database, file: string | undefined, flags: Flags, goalPlan?: GoalPlan): Promise<Written | undefined> {
  const { variant, targets, best, output } = flags;
  if (file !== undefined) {
    const other = variant ?? targets ?? best ?? output;
    if (other === undefined) return readDeclaration(file);
    throw new AlpharhoError('config_invalid', 'a file says all of it; leave --variant, --targets, --best and --output away');
  }
  const name = output === undefined ? {} : { name: basename(output, extname(output)) };
  const where = targetsOf(flags);
  if (goalPlan !== undefined) {
    return Object.keys(goalPlan.variants).length === 0 ? undefined : { ...name, targets: { where }, variants: goalPlan.variants };
  }
  if (variant === undefined) throw new AlpharhoError('config_invalid', 'name a file, or --variant and --targets, or --best and --targets');
  return { ...name, targets: { where }, variant: (await findVariant({ db }, variant)).id };
}

function targetsOf({ targets }: Flags): string {
  if (targets !== undefined) return targets;
  throw new AlpharhoError('config_invalid', 'say which devices, with --targets, like --targets site=quay, or --targets "id=*" for all');
}

function goalOf(flags: Flags): { goal: Goal; where: string } {
  const { best, p95: p95Ms, fps: frameRate, memory, minTop1 } = flags;
  const limits = { p95Ms, frameRate, memoryBytes: memory === undefined ? undefined : memory * 1e6 };
  const where = targetsOf(flags);
  if (best === 'accuracy') return { goal: { best, limits }, where };
  if (minTop1 === undefined) throw new AlpharhoError('config_invalid', '--best latency needs --min-top1: how accurate it has to be');
  return { goal: { best: 'latency', minTop1, limits }, where };
}

async function writeDeclaration(path: string, spec: Written): Promise<void> {
  const text = path.endsWith('.json') ? `${JSON.stringify(spec, null, 2)}\n` : stringify(spec);
  await withAlpharhoErrors(() => writeFile(path, text));
  console.error(`${path} is written; "alpharho rollout apply ${path}" starts it.`);
}
