/** @file Ed25519 (RFC 8032) and SHA-256 by OpenSSL. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Signatures } from '../../domain/ports.ts';

export const signatures: Signatures = {
  verify: (publicKey, bytes, signature) => {
    try {
      const x = Buffer.from(publicKey, 'base64').toString('base64url');
      return verify(
        null,
        bytes,
        createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
        Buffer.from(signature, 'base64'),
      );
    } catch {
      return false;
    }
  },
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};
