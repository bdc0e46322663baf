/** @file `alpharho hub`: broker, ingest and model files, until SIGINT or SIGTERM. */
import { Command } from 'commander';
import { startHub } from '../hub/main.ts';
import { isLoopback, loadConfig } from '../server/config.ts';
import { createLogger } from '../server/logger.ts';

/** A hub that has not stopped by then is stopped, milliseconds; what it had not committed is sent again. */
const stopMs = 4_500;

export function hubCommand(): Command {
  return new Command('hub').description('run the hub: MQTT broker, ingest, rollout of variants, model files').action(runHub);
}

async function runHub(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger('hub');
  let end: (fault?: Error) => void = () => undefined;
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });
  const stop = () => {
    // From here on, since a start on a medium that does not answer must end too.
    setTimeout(() => process.exit(1), stopMs).unref();
    logger.info({}, 'the hub stops');
    end();
  };
  // Each time, not once: under npm a Ctrl-C comes twice, and the second one unheard would cut the first one's work short.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const hub = await startHub(config, logger, (fault) => end(fault));
  logger.info(
    { mqtt: `mqtt://${config.host}:${hub.mqttPort}`, http: `http://${config.host}:${hub.httpPort}`, data: config.dataDir },
    'the hub runs',
  );
  if (!isLoopback(config.host)) {
    logger.warn({ host: config.host }, 'open to the network, and there is no sign-in yet: whoever reaches it can speak for any device');
  }
  const fault = await ended;
  if (fault !== undefined) {
    logger.error({ err: fault }, 'the hub cannot go on');
    process.exitCode = 1;
    setTimeout(() => process.exit(1), stopMs).unref();
  }
  await hub.stop();
  logger.info({}, 'the hub has stopped');
}
