/** @file `alpharho start`: the hub, the dashboard and three demonstration agents on this machine, until Ctrl-C. */
import { Command } from 'commander';
import { start } from '../launcher/start.ts';
import { loadConfig } from '../server/config.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('run everything on this machine: hub, dashboard and three agents with built-in cameras')
    .option('--no-demo', 'start no agents; devices elsewhere connect to the hub')
    .action(runAll);
}

async function runAll(options: { demo: boolean }): Promise<void> {
  const stop = new AbortController();
  // Each time, not once: under npm a Ctrl-C comes twice, and the second one unheard would leave the children running.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  await start({ config: loadConfig(), demo: options.demo, print: (line) => console.log(line), signal: stop.signal });
}
