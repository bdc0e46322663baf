/** @file What every request of this agent over HTTP needs. */

/** An address as `fetch` takes it, which refuses user and password, and repeats them in its error. */
export type Request = { readonly url: URL; readonly headers: Readonly<Record<string, string>> };

/** User and password go from the address into a header (RFC 7617). */
export function requestOf(address: URL): Request {
  const { username, password } = address;
  if (username === '' && password === '') return { url: address, headers: {} };
  const url = new URL(address);
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

/** @returns the body's text; undefined where it is longer than `maxBytes`, and the rest is not read */
export async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @returns what the text says; undefined where it is no JSON, or none */
export function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
