/** @file `alpharho rollout`: a new variant for many devices, step by step, from the command line. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import { Command } from 'commander';
import { listRollouts, type RolloutDetail, type RolloutLine, readRollout, readRolloutEvents } from '../../server/rollouts/store/read.ts';
import { findRollout } from '../../server/services/find-rollout.ts';
import { launchRollout } from '../../server/services/launch-rollout.ts';
import { startRollout } from '../../server/services/start-rollout.ts';
import { type Steering, steerRollout } from '../../server/services/steer-rollout.ts';
import { inDatabase } from '../in-database.ts';
import { card, or, table } from '../table.ts';
import { readPhase } from './numbers.ts';
import { planCommand } from './plan.ts';
import { readDeclaration } from './read-declaration.ts';
import { watchRollout } from './watch.ts';
import { countsText, eventLine, stateText, verdictLine } from './words.ts';

type Output = { json?: true };

const named = 'the first digits of its id, or its name';

export function rolloutCommand(): Command {
  const apply = new Command('apply')
    .description('start the rollout that a file declares. The same file again changes nothing; a changed one begins anew when it is over')
    .argument('<file>', 'YAML or JSON; its name says which rollout is meant')
    .option('--json', 'print JSON')
    .action((file: string, output: Output) => inDatabase((db) => applyFile(db, file, output)));
  const list = new Command('list')
    .description('list the rollouts, the newest first')
    .option('--json', 'print JSON')
    .action((output: Output) => inDatabase((db) => printList(db, output)));
  const show = new Command('show')
    .description('show a rollout: phases, devices, gates, what happened')
    .argument('<rollout>', named)
    .option('--json', 'print JSON')
    .action((given: string, output: Output) => inDatabase((db) => printOne(db, given, output)));
  const watch = new Command('watch')
    .description('follow a rollout until it ends')
    .argument('<rollout>', named)
    .option('--until-waiting', 'end, too, where it waits for an operator')
    .addHelpText('after', exitCodeHelp)
    .action((given: string, options: { untilWaiting?: true }) => inDatabase((db) => watchHere(db, given, options)));
  const command = new Command('rollout')
    .description('give a variant to many devices, step by step, and take it back where it does not do well')
    .addHelpText(
      'after',
      '\nExit codes: 0 done (also where nothing had to be done), 1 refused or failed. "rollout watch --help" has its own.',
    );
  for (const each of [planCommand(), apply, list, show, watch, ...steeringCommands()]) command.addCommand(each);
  return command;
}

const exitCodeHelp =
  '\nExit codes: 0 completed, 1 error, 3 rolled back, 4 aborted, 5 waits for an operator (with --until-waiting), 130 called off.';

function steeringCommands(): Command[] {
  const steer = (name: string, type: Steering['type'], what: string) =>
    new Command(name)
      .description(what)
      .argument('<rollout>', named)
      .option('--json', 'print JSON')
      .action((given: string, { json, ...more }: Output & Pick<Steering, 'phase' | 'device'>) =>
        inDatabase(async (db) => report(await steerRollout(db, await findRollout(db, given), { type, ...more }, new Date()), given, json)),
      );
  const ofPhase = (command: Command) => command.option('--phase <n>', 'only where it still stands in this phase, from 1', readPhase);
  const start = new Command('start')
    .description('start a draft, or now what is scheduled for later')
    .argument('<rollout>', named)
    .option('--json', 'print JSON')
    .action((given: string, { json }: Output) =>
      inDatabase(async (db) => report(await startRollout(db, await findRollout(db, given), new Date()), given, json)),
    );
  return [
    start,
    steer('pause', 'pause', 'tell no further device; those on their way hold before they switch'),
    steer('resume', 'resume', 'go on where it was paused'),
    ofPhase(steer('approve', 'approve', 'go on to the next phase, where that waits for approval')),
    ofPhase(steer('skip', 'skip', 'do not wait for soak time and gates of this phase')),
    steer('abort', 'abort', 'stop: what is on its way goes back, what is committed stays'),
    steer('rollback', 'roll_back', 'give every device its own previous variant back'),
    steer('retry', 'retry', 'try again on devices that failed').option('--device <id>', 'this one only'),
  ];
}

function report(done: { state: string; changed: boolean }, given: string, json: true | undefined): void {
  const state = done.state.replaceAll('_', ' ');
  if (json) console.log(JSON.stringify(done));
  else console.log(done.changed ? `${given}: ${state}` : `${given}: nothing to do, it is ${state} already`);
}

async function applyFile(db: Database, file: string, { json }: Output): Promise<void> {
  const spec = await readDeclaration(file);
  if (spec.name === undefined) {
    throw new AlpharhoError(
      'rollout_invalid',
      `${file}: name: a declared rollout needs one, by which it is known when the file comes again`,
    );
  }
  const done = await launchRollout(db, { spec, key: spec.name }, new Date());
  if (json) return console.log(JSON.stringify(done));
  const { id, name, state, changed } = done;
  const word = state.replaceAll('_', ' ');
  console.log(`${id.slice(0, 8)}  ${name}: ${changed ? word : `nothing to do, it is ${word} as declared`}`);
}

async function printList(db: Database, { json }: Output): Promise<void> {
  const rollouts = await listRollouts(db);
  if (json) return console.log(JSON.stringify(rollouts, null, 2));
  if (rollouts.length === 0) return console.log('No rollouts yet; "alpharho rollout plan" shows what one would do.');
  const cells = (rollout: RolloutLine) => [
    rollout.id.slice(0, 8),
    rollout.name,
    stateText(rollout),
    or(countsText(rollout.counts)),
    day(rollout.startedAt),
    day(rollout.endedAt),
  ];
  console.log(table(['id', 'name', 'state', 'devices', 'started', 'ended'], rollouts.map(cells)));
}

async function printOne(db: Database, given: string, { json }: Output): Promise<void> {
  const id = await findRollout(db, given);
  const [rollout, events] = await Promise.all([readRollout(db, id, Date.now()), readRolloutEvents(db, id)]);
  if (rollout === null) throw new AlpharhoError('rollout_unknown', `rollout ${given}: it is not there any more`);
  console.log(json ? JSON.stringify({ ...rollout, events }, null, 2) : rolloutCard(rollout, events.map(eventLine).reverse()));
}

function rolloutCard(rollout: RolloutDetail, events: readonly string[]): string {
  const { id, name, spec, phaseList, devices, verdicts, startedAt, endedAt, variantIds } = rollout;
  const facts = card([
    ['rollout', id],
    ['name', name],
    ['state', stateText(rollout)],
    ['targets', spec.targets.where ?? spec.targets.ids?.join(' ')],
    ['variants', variantIds.map((variant) => variant.slice(0, 12)).join(' ')],
    ['started', day(startedAt)],
    ['ended', day(endedAt)],
  ]);
  const phases = phaseList.map(({ counts, advance }, index) => [String(index + 1), advance, or(countsText(counts))]);
  const rows = devices.map(({ id: device, phase, state, step, note, error, attempts }) => [
    device,
    String(phase + 1),
    state.replaceAll('_', ' '),
    String(attempts),
    or(error === null ? (note ?? step) : `${error.code}: ${error.message}`),
  ]);
  const parts = [
    facts,
    table(['phase', 'advance', 'devices'], phases),
    rows.length === 0 ? '' : table(['device', 'phase', 'state', 'attempts', 'note'], rows),
    verdicts.length === 0 ? '' : ['gates, the latest first', ...verdicts.slice(0, 20).map(verdictLine)].join('\n'),
    events.join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

async function watchHere(db: Database, given: string, { untilWaiting }: { untilWaiting?: true }): Promise<void> {
  const id = await findRollout(db, given);
  const off = new AbortController();
  // Each time, not once: under npm a Ctrl-C comes twice.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => off.abort());
  process.exitCode = await watchRollout(db, id, {
    untilWaiting,
    signal: off.signal,
    now: Date.now,
    wait: (ms) => sleep(ms, undefined, { signal: off.signal }).catch(() => undefined),
    write: (text) => process.stdout.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  });
}

function day(time: number | null): string {
  return time === null ? '—' : new Date(time).toISOString();
}
