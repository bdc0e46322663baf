import { describe, expect, it } from 'vitest';
import { boardAddress } from './board-address.ts';

const config = { host: '0.0.0.0', httpPort: 1880, publicUrl: undefined };
const interfaces = {
  lo: [{ address: '127.0.0.1', family: 'IPv4' as const, internal: true }],
  eth0: [
    { address: 'fe80::1', family: 'IPv6' as const, internal: false },
    { address: '192.168.1.10', family: 'IPv4' as const, internal: false },
  ],
};

describe('boardAddress', () => {
  it.each([
    [
      'the public address, where one is set',
      { ...config, publicUrl: 'https://hub.example' },
      'localhost:3000',
      'https://hub.example',
      false,
    ],
    ['loopback, and that nobody else reaches it', { ...config, host: '127.0.0.1' }, 'localhost:3000', 'http://127.0.0.1:1880', true],
    ['the address that it listens on', { ...config, host: '10.0.0.5' }, 'hub.local:3000', 'http://10.0.0.5:1880', false],
    ['the same of IPv6', { ...config, host: 'fd00::5' }, null, 'http://[fd00::5]:1880', false],
    ['the name by which a person came', config, 'hub.local:3000', 'http://hub.local:1880', false],
    ['an address of this machine where the person is on it', config, 'localhost:3000', 'http://192.168.1.10:1880', false],
    ['the same where IPv6 loopback was visited', config, '[::1]:3000', 'http://192.168.1.10:1880', false],
    ['the same on the command line', config, undefined, 'http://192.168.1.10:1880', false],
  ])('is %s', (_, given, visited, url, local) => {
    expect(boardAddress(given, interfaces, visited)).toEqual({ url, local });
  });

  it('is loopback on a machine without a network', () => {
    expect(boardAddress(config, { lo: interfaces.lo })).toEqual({ url: 'http://127.0.0.1:1880', local: true });
  });
});
