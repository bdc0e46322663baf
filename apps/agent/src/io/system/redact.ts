/** @file Addresses as they may be shown: without user, password or query. */

/** `rtsp://user:secret@host/path?token=1` → `rtsp://host/path`; text that is no address stays as it is. */
export function redactUrl(text: string): string {
  // `mjpeg:http://…` is an address with another one in it.
  const nested = /^(mjpeg:)(.*)$/i.exec(text);
  if (nested !== null) return `${nested[1]}${redactUrl(nested[2] as string)}`;
  // A password with "#" or "/" in it makes no URL, and other programs take it all the same.
  if (!URL.canParse(text)) return redactAddresses(text.replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1'));
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** Takes an address out of a tool's own words, also where the tool has put it in other ones. */
export function redactIn(text: string, url: string): string {
  return redactAddresses(text.split(url).join(redactUrl(url)));
}

/** Every address in the text without user, password and query: a camera's text may be a pipeline with addresses in it. */
export function redactAddresses(text: string): string {
  return text.replaceAll(
    /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'/]*@)?([^\s"'?#]*)(\?[^\s"']*)?/gi,
    (_all, scheme: string, rest: string, query?: string) => `${scheme}${rest}${query === undefined ? '' : '?…'}`,
  );
}
