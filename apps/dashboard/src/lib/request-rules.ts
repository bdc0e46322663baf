/** @file Which requests a dashboard without sign-in answers, and what its pages may load. Pure. */

/** @param nonce random for each answer; only scripts that carry it run, and those that they load. */
export function contentSecurityPolicy(nonce: string, development: boolean): string {
  return [
    "default-src 'self'",
    // The development server evaluates code; a built one never does.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    // Charts and dialogs place their parts by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * While only this machine is to reach the dashboard, it answers to this machine's own names. Any other name in the Host header means that
 * a web page elsewhere had its own name point here (DNS rebinding), which would let it steer the fleet through the visitor's browser.
 */
export function isOwnName(host: string | null): boolean {
  if (host === null) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Whether a request that changes something may be answered: a browser sends with it which site the page is of that makes it, and a form of
 * any site may send files anywhere. Programs that are no browsers send neither.
 */
export function isOwnPage({ origin, fetchSite, host }: { origin: string | null; fetchSite: string | null; host: string | null }): boolean {
  if (fetchSite !== null && fetchSite !== 'same-origin' && fetchSite !== 'none') return false;
  if (origin === null) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Next.js answers an address that cannot be decoded with a failure of its own. */
export function isDecodable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}
