import { describe, expect, it } from 'vitest';
import { redactAddresses, redactIn, redactUrl } from './redact.ts';

describe('an address as it may be shown', () => {
  it.each([
    ['rtsp://user:secret@cam:554/live?token=secret', 'rtsp://cam:554/live'],
    ['mqtt://user:secret@hub', 'mqtt://hub'],
    ['mjpeg:http://user:secret@cam/stream', 'mjpeg:http://cam/stream'],
    // No URL by the standard, and an address all the same.
    ['rtsp://user:se#secret@cam/live', 'rtsp://cam/live'],
    ['rtsp://user:se/secret@cam/live', 'rtsp://cam/live'],
    ['rtsp://user:secret@cam:port/live?token=secret', 'rtsp://cam:port/live?…'],
    ['/dev/video0', '/dev/video0'],
  ])('%s', (address, shown) => {
    expect(redactUrl(address)).toBe(shown);
  });

  it.each([
    ['rtspsrc location="rtsp://user:secret@cam/live?token=secret" ! decodebin', 'rtspsrc location="rtsp://cam/live?…" ! decodebin'],
    ['mqtt://user:se#secret@hub:1883', 'mqtt://hub:1883'],
    ['see https://example.com/help', 'see https://example.com/help'],
  ])('%s in a text', (text, shown) => {
    expect(redactAddresses(text)).toBe(shown);
  });

  it("leaves a tool's words without it, whichever way the tool writes it", () => {
    const words = 'rtsp://user:secret@cam/live: 401; tried rtsp://user:secret@cam:554/live/';
    expect(redactIn(words, 'rtsp://user:secret@cam/live')).toBe('rtsp://cam/live: 401; tried rtsp://cam:554/live/');
  });
});
