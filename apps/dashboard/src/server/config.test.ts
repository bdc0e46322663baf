import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLoopback, loadConfig } from './config.ts';

describe('loadConfig', () => {
  it('listens on loopback and keeps its data beside the repository unless told otherwise', () => {
    expect(loadConfig({ ALPHARHO_HOST: '' })).toEqual({
      dataDir: join(import.meta.dirname, '../../../../data'),
      host: '127.0.0.1',
      mqttPort: 1883,
      httpPort: 1880,
      webPort: 3000,
      publicUrl: undefined,
      resultsDays: 7,
    });
  });

  it('takes what it is told', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'alpharho-'));
    const config = loadConfig({ ALPHARHO_DATA_DIR: dataDir, ALPHARHO_MQTT_PORT: '11883', ALPHARHO_PUBLIC_URL: 'https://hub.example/x/' });
    expect(config).toMatchObject({ dataDir, mqttPort: 11883, publicUrl: 'https://hub.example/x' });
  });

  it.each([
    [{ ALPHARHO_MQTT_PORT: '99999' }, 'ALPHARHO_MQTT_PORT is "99999"'],
    [{ ALPHARHO_MQTT_PORT: '3000' }, 'ALPHARHO_WEB_PORT and ALPHARHO_MQTT_PORT are both 3000'],
    [{ ALPHARHO_PUBLIC_URL: 'ftp://x' }, 'ALPHARHO_PUBLIC_URL is "ftp://x"'],
    [{ ALPHARHO_RESULTS_DAYS: 'many' }, 'ALPHARHO_RESULTS_DAYS is "many"'],
  ])('names the setting that is not usable: %j', (env, words) => {
    expect(() => loadConfig(env)).toThrow(expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(words) }));
  });
});

describe('isLoopback', () => {
  it('knows what only this machine reaches', () => {
    expect(['127.0.0.1', '127.8.0.1', '::1', 'localhost'].filter(isLoopback)).toHaveLength(4);
    expect(['0.0.0.0', '192.168.0.1', '::', '127.0.0.1.example'].filter(isLoopback)).toEqual([]);
  });
});
