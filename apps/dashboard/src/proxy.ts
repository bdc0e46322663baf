/** @file Before every page: who may ask, and which scripts may run. */
import { type NextRequest, NextResponse } from 'next/server';
import { contentSecurityPolicy, isDecodable, isOwnName } from '@/lib/request-rules.ts';
import { isLoopback, loadConfig } from './server/config.ts';

export function proxy(request: NextRequest): NextResponse {
  if (isLoopback(loadConfig().host) && !isOwnName(request.headers.get('host'))) {
    return plain(421, 'This dashboard answers to localhost only. To open it to the network, set ALPHARHO_HOST.\n');
  }
  if (!isDecodable(request.nextUrl.pathname)) return plain(400, 'The address holds a "%" that is not part of a code.\n');
  const nonce = crypto.randomUUID().replaceAll('-', '');
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === 'development');
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

function plain(status: number, text: string): NextResponse {
  return new NextResponse(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}

/**
 * Files made by the build are the same for everybody and hold nothing of the fleet. An upload would be held in memory here, and cut: its
 * route asks the same questions by itself.
 */
export const config = { matcher: '/((?!_next/static|icon.svg|api/v1/variants$).*)' };
