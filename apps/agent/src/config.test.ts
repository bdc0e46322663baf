import { describe, expect, it } from 'vitest';
import { buildProgram } from './cli.ts';
import { type Config, parseConfig } from './config.ts';

/** What the agent would run with. */
async function configured(args: string[], env: Record<string, string> = {}): Promise<Config> {
  let config: Config | undefined;
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    await buildProgram('1.2.3', async (raw) => {
      config = parseConfig(raw);
    }).parseAsync(['node', 'alpharho-agent', 'run', ...args]);
  } finally {
    process.env = before;
  }
  if (config === undefined) throw new Error('run was not called');
  return config;
}

const minimal = ['--camera', 'synthetic', '--id', 'pi-4'];

describe('settings', () => {
  it('have defaults for all but the camera', async () => {
    const config = await configured(minimal);
    expect(config).toMatchObject({
      hub: 'mqtt://127.0.0.1:1883',
      loop: true,
      top: 5,
      outboxBytes: 512_000_000,
      logLevel: 'info',
      logJson: false,
    });
    expect(config.dataDir).toMatch(/\.local\/share\/alpharho-agent\/pi-4$/);
    expect(config.threads).toBeGreaterThanOrEqual(1);
    expect(config.rate).toBeUndefined();
  });

  it("take the models from the hub's machine unless told otherwise", async () => {
    expect((await configured([...minimal, '--hub', 'mqtt://user:pw@hub.local:1885'])).modelsUrl.href).toBe('http://hub.local:1880/');
    expect((await configured([...minimal, '--models-url', 'https://m.example/x'])).modelsUrl.href).toBe('https://m.example/x');
  });

  it('come from the environment too, and flags go before it', async () => {
    const env = { ALPHARHO_AGENT_CAMERA: 'synthetic', ALPHARHO_AGENT_ID: 'from-env', ALPHARHO_AGENT_TOP: '3', ALPHARHO_AGENT_NO_LOOP: '1' };
    expect(await configured([], env)).toMatchObject({ camera: 'synthetic', id: 'from-env', top: 3, loop: false });
    expect(await configured(['--id', 'from-flag'], env)).toMatchObject({ id: 'from-flag' });
  });

  it('are refused with one line that says what was wrong and what would be right', async () => {
    const wrong: [string[], string][] = [
      [[], '--camera is missing: '],
      [[...minimal, '--rate', 'fast'], '--rate "fast": expected a number of frames a second, above 0 and up to 1000'],
      [[...minimal, '--rate', '0'], '--rate "0": expected a number of frames a second'],
      [[...minimal, '--top', '11'], '--top "11": expected a whole number from 1 to 10'],
      [[...minimal, '--threads', '1.5'], '--threads "1.5": expected a whole number from 1 to 64'],
      [[...minimal, '--hub', 'http://hub'], '--hub "http://hub": expected an address like mqtt://host:1883'],
      [[...minimal, '--models-url', 'hub'], '--models-url "hub": expected an address like http://host:1880'],
      [['--camera', 'synthetic', '--id', 'a/b'], '--id "a/b": a device id is'],
      [[...minimal, '--log-level', 'loud'], '--log-level "loud": expected debug, info, warn, error'],
      [[...minimal, '--outbox-limit', '-3'], '--outbox-limit "-3": expected a number of megabytes'],
    ];
    for (const [args, line] of wrong) await expect(configured(args), line).rejects.toThrow(line);
  });

  it('never repeat a secret', async () => {
    await expect(configured([...minimal, '--hub', 'http://user:secret@hub'])).rejects.toThrow('--hub "http://hub"');
  });
});
