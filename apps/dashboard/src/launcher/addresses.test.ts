import { describe, expect, it } from 'vitest';
import { addresses } from './addresses.ts';

const ports = { webPort: 3000, mqttPort: 1883, httpPort: 1880 };

describe('addresses', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://[::1]:3000'],
    ['fe80::1', 'http://[fe80::1]:3000'],
    ['hub.local', 'http://hub.local:3000'],
  ])('reaches the dashboard that listens on %s at %s', (host, dashboard) => {
    expect(addresses({ host, ...ports })).toEqual({
      dashboard,
      broker: dashboard.replace('http', 'mqtt').replace('3000', '1883'),
      hub: dashboard.replace('3000', '1880'),
    });
  });
});
