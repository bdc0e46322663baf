/** @file `alpharho start`: the whole product on this machine, in order, until Ctrl-C. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AlpharhoError, isAlpharhoError, variantName } from '@alpharho/protocol';
import { type Config, isLoopback } from '../server/config.ts';
import { withDatabase } from '../server/data-folder.ts';
import { withRegistry } from '../server/with-registry.ts';
import { addresses } from './addresses.ts';
import type { Child } from './child.ts';
import { addDemonstrationGrid, type DemoDevice, prepareDemoFleet } from './demo.ts';
import { checkDataFolder, checkPort } from './preflight.ts';
import { agentProcess, hubProcess, webProcess } from './processes.ts';
import { waitUntilAnswers } from './ready.ts';

/** Ctrl-C promises an end within 5 s: the agents first (they say goodbye through the broker), then the rest. */
const agentGraceMs = 2_000;
const graceMs = 2_000;
const startMs = 60_000;

export type StartOptions = {
  config: Config;
  /** Run the three demonstration agents beside the hub. */
  demo: boolean;
  print: (line: string) => void;
  /** Fires on Ctrl-C or SIGTERM. */
  signal: AbortSignal;
};

/** Starts everything, says what runs where, and stays until the signal fires. @throws AlpharhoError where something cannot start. */
export async function start(options: StartOptions): Promise<void> {
  const { config, signal } = options;
  await preflight(config);
  const running: { agents: Child[]; services: Child[] } = { agents: [], services: [] };
  try {
    await startServices(options, running.services);
    const fleet = options.demo ? await startAgents(options, running.agents) : [];
    await announce(options, fleet);
    if (options.demo) await addGrid(options);
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) options.print('Stopping …');
    await Promise.all(running.agents.map((child) => child.stop(agentGraceMs)));
    await Promise.all(running.services.map((child) => child.stop(graceMs)));
  }
}

async function preflight(config: Config): Promise<void> {
  await checkDataFolder(config.dataDir);
  await mkdir(join(config.dataDir, 'logs'), { recursive: true });
  await checkPort(config.host, config.webPort, 'dashboard', 'ALPHARHO_WEB_PORT');
  await checkPort(config.host, config.mqttPort, 'MQTT broker', 'ALPHARHO_MQTT_PORT');
  await checkPort(config.host, config.httpPort, 'hub', 'ALPHARHO_HTTP_PORT');
}

/** The hub first: it creates and migrates the database that the pages read. Where it cannot start, trying again would not help. */
async function startServices({ config, print, signal }: StartOptions, children: Child[]): Promise<void> {
  const failing = new AbortController();
  let serving = false;
  const hub = hubProcess(config, (what, next) => {
    if (serving) print(`${what} ${next}`);
    else failing.abort(new AlpharhoError('internal', what));
  });
  children.push(hub);
  hub.start();
  try {
    await waitUntilAnswers(`${addresses(config).hub}/healthz`, 'The hub', startMs, AbortSignal.any([signal, failing.signal]));
  } catch (error) {
    throw failing.signal.aborted ? failing.signal.reason : error;
  }
  serving = true;
  const web = webProcess(config, (what, next) => print(`${what} ${next}`));
  children.push(web);
  web.start();
}

async function startAgents({ config, print }: StartOptions, children: Child[]): Promise<DemoDevice[]> {
  const fleet = await withRegistry(config, prepareDemoFleet);
  for (const device of fleet) {
    const agent = agentProcess(device, config, (what, next) => print(`${what} ${next}`));
    children.push(agent);
    agent.start();
  }
  return fleet;
}

/** What is missing here is missing in the registry only: the fleet goes on without it. */
async function addGrid({ config, print, signal }: StartOptions): Promise<void> {
  try {
    await withRegistry(config, (registry) => addDemonstrationGrid(registry, signal));
  } catch (error) {
    if (!isAlpharhoError(error)) throw error;
    print(`Not all demonstration variants are in the registry: ${error.message}`);
  }
}

async function announce({ config, print, signal }: StartOptions, fleet: DemoDevice[]): Promise<void> {
  const { dashboard, broker, hub } = addresses(config);
  await waitUntilAnswers(`${dashboard}/`, 'The dashboard', startMs, signal);
  const history = await withDatabase(config, async (db) => ({ devices: await db.device.count(), results: await db.result.count() }));
  print('');
  print(`  Dashboard  ${dashboard}`);
  print(`  Broker     ${broker}`);
  print(`  Hub        ${hub}  (model files for agents)`);
  print(`  Data       ${config.dataDir}  (${history.results.toLocaleString('en')} results of ${history.devices} devices so far)`);
  if (fleet.length > 0) {
    const names = fleet.map(({ id, alpha, rho }) => `${id} ${variantName({ family: 'v1', alpha, rho })}`);
    print(`  Agents     ${names.join(', ')}  (built-in cameras)`);
  }
  if (!isLoopback(config.host))
    print(`  Warning    open to the network on ${config.host}, and there is no sign-in yet: anyone who reaches it can steer the fleet.`);
  print('');
  print('  Ctrl-C stops all of it.');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
