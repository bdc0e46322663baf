/** @file The command line: `alpharho-agent run`. */
import { Command, Option } from 'commander';
import { defaultId } from './config.ts';

/** Each option can be given by the environment too: `--data-dir` is ALPHARHO_AGENT_DATA_DIR, `--no-loop` ALPHARHO_AGENT_NO_LOOP. */
function option(flags: string, description: string): Option {
  const made = new Option(flags, description);
  const words = made.long?.replace(/^--/, '').replaceAll('-', '_').toUpperCase();
  return made.env(`ALPHARHO_AGENT_${words}`);
}

/** @param run takes the options as they were given, unchecked. @returns the program; it writes to stdout and stderr, and throws CommanderError on usage errors */
export function buildProgram(version: string, run: (raw: Record<string, unknown>) => Promise<void>): Command {
  const program = new Command('alpharho-agent')
    .description('Classifies camera frames with a MobileNet and publishes results and latency over MQTT')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  program
    .command('run')
    .description('run until SIGINT or SIGTERM')
    .addOption(option('--camera <source>', 'video file, folder of images, URL that ffmpeg takes, or synthetic[:inspection?seed=1&rate=10]'))
    .addOption(option('--model <file>', 'variant file (.onnx) to serve until the hub desires another one'))
    .addOption(option('--hub <url>', "the hub's broker: mqtt://, mqtts://, ws:// or wss://").default('mqtt://127.0.0.1:1883'))
    .addOption(option('--id <device>', 'name of this device on the hub').default(defaultId(), "the machine's name"))
    .addOption(option('--data-dir <folder>', 'outbox, models and journal (default: ~/.local/share/alpharho-agent/<id>)'))
    .addOption(option('--models-url <url>', "where model files come from (default: the hub's machine, port 1880)"))
    .addOption(option('--rate <n>', 'frames a second (default: 10 for images and synthetic, the own rate for video)'))
    .addOption(option('--no-loop', 'end with the last frame of a file or folder instead of beginning again'))
    .addOption(option('--threads <n>', 'threads that work on one inference (default: one less than the cores, 4 at most)'))
    .addOption(option('--top <n>', 'classes sent for each frame').default('5'))
    .addOption(
      option('--outbox-limit <megabytes>', 'disk space for results that wait for the hub; beyond it the oldest are dropped').default('512'),
    )
    .addOption(option('--log-level <level>', 'debug, info, warn or error').default('info'))
    .addOption(option('--log-json', 'log JSON lines').default(false))
    .exitOverride()
    .action((raw: Record<string, unknown>) => run(raw));
  return program;
}
