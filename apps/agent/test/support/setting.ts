/** @file Where an integration test takes place: a hub, model files, a data folder, agents. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildVariant, inspectionLineLabels, readVariant, type VariantInfo } from '@alpharho/mobilenet-core';
import { type AgentProcess, killAgents, runAgent, type Surroundings } from './agent-process.ts';
import { TestHub } from './hub.ts';
import { temporaryFolder } from './media.ts';
import { startModelServer } from './model-server.ts';
import { desiredOf, type Terms, testDevice } from './variants.ts';

export type Model = { readonly variant: VariantInfo; readonly bytes: Uint8Array };

const built = new Map<string, Model>();

/** Untrained, small and quick; each made once. */
export function model(rho: number, seed = 1): Model {
  const key = `${rho} ${seed}`;
  const known = built.get(key);
  if (known !== undefined) return known;
  const bytes = buildVariant({ family: 'v1', alpha: 0.25, rho, labels: [...inspectionLineLabels], seed });
  const made = { bytes, variant: readVariant(bytes) };
  built.set(key, made);
  return made;
}

export type Setting = Awaited<ReturnType<typeof newSetting>>;

export async function newSetting(models: readonly Model[]) {
  const { path: folder, remove } = await temporaryFolder();
  const hub = await TestHub.start();
  const server = await startModelServer(new Map(models.map(({ variant, bytes }) => [variant.sha256, bytes])));
  const file = async ({ variant, bytes }: Model): Promise<string> => {
    const path = join(folder, `${variant.rho}-${variant.sha256.slice(0, 6)}.onnx`);
    await writeFile(path, bytes);
    return path;
  };
  const dataDir = join(folder, 'data');
  const run = (args: readonly string[] = [], surroundings?: Surroundings): AgentProcess =>
    runAgent(
      [
        'run',
        ...['--camera', 'synthetic:inspection?seed=1&rate=10', '--hub', hub.url, '--id', 'pi-4'],
        ...['--models-url', server.url.href, '--data-dir', dataDir, '--threads', '1', '--status-port', '0', ...args],
      ],
      surroundings,
    );
  const desire = ({ variant }: Model, revision: number, terms?: Terms): void => hub.desire(testDevice, desiredOf(variant, revision, terms));
  const lastReported = () => hub.heard.reported.at(-1)?.message;
  const end = async (): Promise<void> => {
    await killAgents();
    await hub.kill();
    await server.stop();
    await remove();
  };
  return { folder, dataDir, hub, server, file, run, desire, lastReported, end };
}
