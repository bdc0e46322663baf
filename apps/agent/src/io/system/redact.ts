/** @file Addresses as they may be shown: without user, password or query. */

/** `rtsp://user:secret@host/path?token=1` → `rtsp://host/path`; text that is no URL stays as it is. */
export function redactUrl(text: string): string {
  // `mjpeg:http://…` is an address with another one in it.
  const nested = /^(mjpeg:)(.*)$/i.exec(text);
  if (nested !== null) return `${nested[1]}${redactUrl(nested[2] as string)}`;
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** Takes an address out of a tool's own words. */
export function redactIn(text: string, url: string): string {
  return text.split(url).join(redactUrl(url));
}

/** Every address in the text without user, password and query: a camera's text may be a pipeline with addresses in it. */
export function redactAddresses(text: string): string {
  return text.replaceAll(
    /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'/?#]*@)?([^\s"'?#]*)(\?[^\s"']*)?/gi,
    (_all, scheme: string, rest: string, query?: string) => `${scheme}${rest}${query === undefined ? '' : '?…'}`,
  );
}
