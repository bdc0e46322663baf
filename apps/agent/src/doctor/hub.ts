/** @file Whether the hub can be reached, step by step: name, port, broker, model files. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import mqtt from 'mqtt';
import { requestOf } from '../io/system/http.ts';
import { redactUrl } from '../io/system/redact.ts';
import { type Finding, failure, ok, warning, wordsOf } from './findings.ts';

const stepMs = 5000;
const usualPorts: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export type HubOptions = {
  readonly hub: string;
  readonly modelsUrl: URL;
  /** Of this check: the broker would end the connection of a running agent for a second one of its name. */
  readonly clientId: string;
};

/** A step that fails ends the list: those after it need it. */
export async function checkHub({ hub, modelsUrl, clientId }: HubOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { hostname, port, protocol } = new URL(hub);
  const number = port === '' ? (usualPorts[protocol] ?? 1883) : Number(port);
  // Brackets belong to the address of a URL, not to the host's.
  const host = hostname.replace(/^\[|\]$/g, '');
  for (const step of [() => checkName(host), () => checkPort(host, number), () => checkBroker(hub, clientId)]) {
    const finding = await step();
    findings.push(finding);
    if (finding.verdict === 'fail') return findings;
  }
  findings.push(await checkModels(modelsUrl));
  return findings;
}

async function checkName(host: string): Promise<Finding> {
  try {
    const { address } = await lookup(host);
    return ok('hub name', address === host ? `${host} is an address` : `${host} is ${address}`);
  } catch (error) {
    return failure(
      'hub name',
      `${host} is not known (${wordsOf(error)})`,
      "check the spelling of --hub, or give the hub's address; for names that end in .local: apt-get install libnss-mdns",
    );
  }
}

async function checkPort(host: string, port: number): Promise<Finding> {
  const reason = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host, port, timeout: stepMs });
    const end = (why?: string): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`no answer within ${stepMs / 1000} s`));
    socket.once('error', (error) => end(wordsOf(error)));
  });
  if (reason === undefined) return ok('hub port', `${host}:${port} accepts connections`);
  return failure('hub port', `${host}:${port}: ${reason}`, 'start the hub ("alpharho start"), and let this port through its firewall');
}

async function checkBroker(hub: string, clientId: string): Promise<Finding> {
  const start = performance.now();
  try {
    const client = await mqtt.connectAsync(hub, { protocolVersion: 4, clientId, connectTimeout: stepMs, reconnectPeriod: 0 }, false);
    const ms = Math.round(performance.now() - start);
    await client.endAsync(true);
    return ok('hub broker', `${redactUrl(hub)} took a connection in ${ms} ms`);
  } catch (error) {
    const isRefusal = error instanceof Error && 'code' in error && typeof error.code === 'number';
    const remedy = isRefusal
      ? 'check user and password in --hub, or enrol anew: alpharho-agent enroll'
      : 'check --hub: what answers there is no MQTT broker, or it hangs';
    return failure('hub broker', `${redactUrl(hub)}: ${wordsOf(error)}`, remedy);
  }
}

/** Any answer of HTTP will do: what there is to fetch, the hub will say. */
async function checkModels(url: URL): Promise<Finding> {
  try {
    const { url: plain, headers } = requestOf(url);
    const response = await fetch(plain, { method: 'HEAD', headers, redirect: 'manual', signal: AbortSignal.timeout(stepMs) });
    return ok('hub models', `${redactUrl(url.href)} answers HTTP (${response.status})`);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return warning(
      'hub models',
      `${redactUrl(url.href)}: ${wordsOf(cause)}; this device cannot get another variant`,
      'let this port through the firewall, or set --models-url',
    );
  }
}
