/** @file The command line: which commands there are, and what each takes. */
import { Command } from 'commander';
import type { Given } from './settings/given.ts';
import { addSettings } from './settings/options.ts';
import type { SettingName } from './settings/table.ts';

export type Format = { readonly json: boolean };

export type EnrollOptions = { readonly token: string; readonly id: string | undefined; readonly config: string | undefined };

/** What each command does. @returns the exit code */
export type Actions = {
  readonly run: (given: Given) => Promise<number>;
  readonly cameras: (options: Format) => Promise<number>;
  readonly doctor: (given: Given, options: Format) => Promise<number>;
  readonly bench: (given: Given, options: Format & { readonly cold: boolean; readonly frames: string }) => Promise<number>;
  readonly enroll: (hub: string, options: EnrollOptions) => Promise<number>;
  readonly status: (given: Given, options: Format & { readonly live: boolean }) => Promise<number>;
  readonly config: (given: Given, options: Format & { readonly explain: boolean }) => Promise<number>;
};

const whereSettings = `
Every option can stand in the settings file under its name without dashes (camera: /dev/video0), and in the environment as
ALPHARHO_AGENT_ and its name (ALPHARHO_AGENT_DATA_DIR). A flag goes before the environment, the environment before the file.`;

const examples = `
Examples:
  alpharho-agent run --camera synthetic --hub mqtt://hub.local:1883    a built-in camera, to see results at once
  alpharho-agent cameras                                               the cameras of this board, as --camera takes them
  alpharho-agent config --explain                                      each setting, and where it came from
  alpharho-agent status                                                what the agent on this machine does

Exit codes: 0 all well; 1 a fault of the machine or of the program; 2 a setting, camera or model that cannot be used;
3 (status) no agent runs.`;

/** Reads a command line, which begins with the first argument, and does what it says. @returns the exit code. @throws CommanderError on usage errors, after saying so on stderr */
export async function runCommandLine(args: readonly string[], version: string, actions: Actions): Promise<number> {
  let exitCode = 0;
  const program = new Command('alpharho-agent')
    .description('Classifies camera frames with a MobileNet and publishes results and latency over MQTT.')
    .version(version)
    .showSuggestionAfterError()
    .addHelpText('after', examples)
    .exitOverride();
  const done = (code: number): void => {
    exitCode = code;
  };
  // In the order in which someone with a new board needs them.
  for (const add of [addRun, addEnroll, addCameras, addDoctor, addStatus, addBench, addConfig]) add(program, actions, done);
  await program.parseAsync([...args], { from: 'user' });
  return exitCode;
}

/** What stood on the command line. */
type Raw = Record<string, unknown>;
type Done = (exitCode: number) => void;

function addCommand(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).exitOverride();
}

function withSettings(command: Command, settings?: readonly SettingName[]): Command {
  return addSettings(command, settings).addHelpText('after', whereSettings);
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

function addRun(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(program, 'run', 'Classify and publish until SIGINT or SIGTERM.');
  withSettings(command).action(async (raw: Raw) => done(await actions.run(given(raw))));
}

function addEnroll(program: Command, actions: Actions, done: Done): void {
  addCommand(program, 'enroll', 'Make this board a device of a hub: trades a token for settings, and writes them into the settings file.')
    .argument('<hub>', "the hub's web address for devices: http://hub.local:1880")
    .requiredOption('--token <token>', 'from the dashboard, or "alpharho enroll-token"; works once')
    .option('--id <device>', "name of this device (default: the token's, else this machine's)")
    .option('--config <file>', 'settings file to write (default: /etc/alpharho-agent/config.yaml)')
    .action(async (hub: string, { token, id, config }: EnrollOptions) => done(await actions.enroll(hub, { token, id, config })));
}

function addCameras(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(
    program,
    'cameras',
    'List the cameras of this board, each as it is written behind --camera, with what it offers.',
  );
  withJson(command).action(async ({ json }: Raw) => done(await actions.cameras({ json: json === true })));
}

function addDoctor(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(
    program,
    'doctor',
    'Look at everything that the agent needs on this board, and say what to do where it is not there.',
  );
  withJson(withSettings(command)).action(async ({ json, ...raw }: Raw) => done(await actions.doctor(given(raw), { json: json === true })));
}

function addStatus(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(program, 'status', 'Say what the agent that runs on this machine does.');
  withJson(withSettings(command, ['statusPort']))
    .option('--live', 'exit with 0 as long as its loops turn, whatever becomes of camera and hub')
    .action(async ({ json, live, ...raw }: Raw) => done(await actions.status(given(raw), { json: json === true, live: live === true })));
}

function addBench(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(
    program,
    'bench',
    'Measure the variants that this board has, or --model, here: latency, frames a second, cold start, memory.',
  );
  withJson(withSettings(command, ['model', 'id', 'dataDir']))
    .option('--frames <n>', 'frames for each setting', '300')
    .option('--no-cold', 'leave out cold start and memory, which take processes of their own')
    .action(async ({ json, cold, frames, ...raw }: Raw) =>
      done(await actions.bench(given(raw), { json: json === true, cold: cold === true, frames: String(frames) })),
    );
}

function addConfig(program: Command, actions: Actions, done: Done): void {
  const command = addCommand(program, 'config', 'Check the settings, and say where each comes from.');
  withJson(withSettings(command))
    .option('--explain', 'print each value and where it came from, without secrets')
    .action(async ({ json, explain, ...raw }: Raw) =>
      done(await actions.config(given(raw), { json: json === true, explain: explain === true })),
    );
}

function given({ config, ...flags }: Record<string, unknown>): Given {
  return { flags, config: typeof config === 'string' ? config : undefined };
}
