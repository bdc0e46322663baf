/** @file `alpharho-agent doctor`: whether everything that the agent needs is there, and what to do where it is not. */
import { randomBytes } from 'node:crypto';
import { release } from 'node:os';
import { dataFolder, modelsAddress } from '../config.ts';
import { checkCamera } from '../doctor/camera.ts';
import { checkClock } from '../doctor/clock.ts';
import { checkDisk } from '../doctor/disk.ts';
import { type Finding, failure, findingLines, ok } from '../doctor/findings.ts';
import { checkHub } from '../doctor/hub.ts';
import { checkPlatform, thisPlatform } from '../doctor/platform.ts';
import { checkDatabase, checkInference } from '../doctor/runtime.ts';
import type { Log } from '../domain/ports.ts';
import type { Status } from '../domain/status.ts';
import { viewOf } from '../domain/view.ts';
import { openCamera } from '../io/camera/open-camera.ts';
import { askStatus } from '../io/status/status-client.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import type { GivenSettings } from '../settings/given.ts';
import type { Values } from '../settings/table.ts';
import { print, printJson, warn } from './print.ts';

/** What the camera has to say is in its finding. */
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** @returns 0 where nothing fails; warnings are none */
export async function showDoctor({ resolved, warnings }: GivenSettings, { json }: { json: boolean }): Promise<number> {
  const { values } = resolved;
  warn(warnings);
  const findings = await examine(values, (finding) => {
    if (!json) print(...findingLines([finding]));
  });
  if (json) printJson(findings);
  const failed = findings.filter(({ verdict }) => verdict === 'fail').length;
  const warned = findings.filter(({ verdict }) => verdict === 'warn').length;
  if (!json) print('', verdictLine(failed, warned));
  return failed === 0 ? 0 : 1;
}

function verdictLine(failed: number, warned: number): string {
  const warnings =
    warned === 0 ? '' : ` ${warned} ${warned === 1 ? 'line is a warning' : 'lines are warnings'}; the agent runs all the same.`;
  return failed === 0 ? `Nothing is in the way.${warnings}` : `${failed} to be mended; each line says how.${warnings}`;
}

async function examine(values: Values, tell: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (...found: readonly Finding[]): void => {
    findings.push(...found);
    for (const finding of found) tell(finding);
  };
  add(...checkPlatform(thisPlatform(release())));
  add(await checkInference(values.threads ?? 1), await checkDatabase());
  const running = await runningAgent(values);
  add(await examineCamera(values, running));
  add(await checkDisk(dataFolder(values), values.outboxLimit * 1e6), await checkClock(clock.now()));
  const clientId = `${values.id.slice(0, 48)}-doctor-${randomBytes(3).toString('hex')}`;
  add(...(await checkHub({ hub: values.hub, modelsUrl: modelsAddress(values), clientId })));
  return findings;
}

/** A camera has one user at a time: where an agent has it, what that one says counts. */
async function examineCamera(values: Values, running: Status | undefined): Promise<Finding> {
  if (running !== undefined) {
    const check = running.health.checks.find(({ name }) => name === 'camera');
    if (check?.ok !== false)
      return ok('camera', `${running.camera}: the running agent has it, ${running.framesPerSecond.toFixed(1)} frames/s`);
    return failure('camera', `${running.camera}: ${check.reason}`, 'mend what the line says; the running agent goes on by itself');
  }
  const { camera, rate, loop, realtime } = values;
  if (camera === undefined) {
    return failure(
      'camera',
      'none is set',
      'set --camera, or camera: in the settings file; "alpharho-agent cameras" lists what is connected',
    );
  }
  return checkCamera(() =>
    openCamera({ source: camera, rate, loop, realtime, view: viewOf(values), clock, random: Math.random, log: silent }),
  );
}

async function runningAgent({ statusPort, id }: Values): Promise<Status | undefined> {
  const status = statusPort === 0 ? undefined : await askStatus(statusPort).catch(() => undefined);
  return status?.id === id ? status : undefined;
}
