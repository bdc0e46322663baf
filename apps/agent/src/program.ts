/** @file The process: reads the command line, does what it asks for, and turns its end into an exit code. */
import { type ErrorCode, isAlpharhoError } from '@alpharho/protocol';
import { CommanderError } from 'commander';
import { type Actions, runCommandLine } from './cli.ts';
import { type Given, settingsOf } from './settings/given.ts';
import { version } from './version.ts';

const exitFault = 1;
const exitUsage = 2;

/** Faults of what the operator asked for; everything else is a fault of the machine or of ours. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'config_invalid',
  'camera_missing',
  'camera_unreadable',
  'model_missing',
  'model_corrupt',
  'model_not_variant',
]);

const given = (asked: Given) => settingsOf(asked, process.env);

/** Each loads what it needs and no more: `status` is asked every minute on a small board, and `run` is to start fast. */
const actions: Actions = {
  run: async (asked) => (await import('./main.ts')).run(await given(asked)),
  config: async (asked, options) => (await import('./commands/config.ts')).showConfig(await given(asked), options),
  cameras: async (options) => (await import('./commands/cameras.ts')).showCameras(options),
  doctor: async (asked, options) => (await import('./commands/doctor.ts')).showDoctor(await given(asked), options),
  bench: async (asked, options) => (await import('./commands/bench.ts')).bench(await given(asked), options),
  enroll: async (hub, options) => (await import('./commands/enroll.ts')).enroll(hub, options),
  status: async (asked, options) => (await import('./commands/status.ts')).showStatus(await given(asked), options),
};

/** One line, never a stack; what is not ours to explain is named with its code. @returns the exit code */
function explain(error: unknown): number {
  // commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage;
  if (isAlpharhoError(error)) {
    process.stderr.write(`alpharho-agent: ${error.message}\n`);
    return usageCodes.has(error.code) ? exitUsage : exitFault;
  }
  process.stderr.write(`alpharho-agent: internal fault: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitFault;
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(explain(error)));
}
try {
  process.exit(await runCommandLine(process.argv.slice(2), version, actions));
} catch (error) {
  process.exit(explain(error));
}
