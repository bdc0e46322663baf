import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, isDecodable, isOwnName } from './request-rules.ts';

describe('isOwnName', () => {
  it.each(['localhost:3000', '127.0.0.1:3000', '127.0.0.1', '[::1]:3000', 'LOCALHOST'])('answers to %s', (host) =>
    expect(isOwnName(host)).toBe(true),
  );
  it.each(['rebound.example:3000', '127.0.0.1.example:3000', 'localhost.example', '192.168.1.7:3000', '', null])(
    'does not answer to %s',
    (host) => expect(isOwnName(host)).toBe(false),
  );
});

describe('contentSecurityPolicy', () => {
  it('lets only scripts with the nonce run, and evaluates nothing in a build', () => {
    const policy = contentSecurityPolicy('abc', false);
    expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).toContain("frame-ancestors 'none'");
  });
});

describe('isDecodable', () => {
  it('tells addresses that cannot be read', () => {
    expect(isDecodable('/devices/line-01')).toBe(true);
    expect(isDecodable('/devices/a%20b')).toBe(true);
    expect(isDecodable('/devices/%zz')).toBe(false);
  });
});
