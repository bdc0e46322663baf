/** @file The command line: which commands there are, and what each takes. */
import { Command } from 'commander';
import { addSettings } from './settings/options.ts';

/** What a command line asked for; `flags` holds what was written there, unchecked. */
export type Given = { readonly flags: Record<string, unknown>; readonly config: string | undefined };

export type Actions = {
  readonly run: (given: Given) => Promise<void>;
  readonly config: (given: Given, options: { readonly explain: boolean; readonly json: boolean }) => Promise<void>;
};

const exitCodes = `
Each option can stand in the settings file under its name without dashes (camera: /dev/video0), and in the environment as
ALPHARHO_AGENT_ and its name (ALPHARHO_AGENT_DATA_DIR). A flag goes before the environment, the environment before the file.`;

/** @returns the program; it writes to stdout and stderr, and throws CommanderError on usage errors */
export function buildProgram(version: string, actions: Actions): Command {
  const program = new Command('alpharho-agent')
    .description('Classifies camera frames with a MobileNet and publishes results and latency over MQTT')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError();
  addSettings(program.command('run').description('classify and publish until SIGINT or SIGTERM'))
    .addHelpText('after', exitCodes)
    .exitOverride()
    .action((raw: Record<string, unknown>) => actions.run(given(raw)));
  addSettings(program.command('config').description('check the settings, and say where each comes from'))
    .option('--explain', 'print each value and where it came from, without secrets')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(({ explain, json, ...raw }: Record<string, unknown>) =>
      actions.config(given(raw), { explain: explain === true, json: json === true }),
    );
  return program;
}

function given({ config, ...flags }: Record<string, unknown>): Given {
  return { flags, config: typeof config === 'string' ? config : undefined };
}
