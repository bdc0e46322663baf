/** @file How the pages are built and served. */
import { join } from 'node:path';
import type { NextConfig } from 'next';

/** Sent with every answer; the content security policy is made for each request in src/proxy.ts. */
const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
];

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  turbopack: { root: join(__dirname, '../..') },
  experimental: {
    serverActions: { bodySizeLimit: '64kb' },
    // A refresh that finds the server gone waits for it; otherwise the browser would leave the page for its own error page.
    useOffline: true,
  },
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
};

export default config;
