/** @file A picture as an HTTP answer. */

/** Never changed once it is there; kept by the viewer's browser alone. */
export function pictureAnswer(picture: { type: string; image: Uint8Array<ArrayBuffer> } | null): Response {
  if (picture === null)
    return new Response('No such picture: it was never taken, or was kept for a time and then let go.\n', { status: 404 });
  return new Response(picture.image, {
    headers: {
      'Content-Type': picture.type,
      'Cache-Control': 'private, max-age=86400, immutable',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'",
    },
  });
}
