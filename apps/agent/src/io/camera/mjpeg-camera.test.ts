import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, globalAgent } from 'node:https';
import { join } from 'node:path';
import { decodeImage } from '@alpharho/mobilenet-core';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
import { hasFfmpeg, temporaryFolder } from '../../../test/support/media.ts';
import { type Behaviour, concatenated, ffmpegMultipart, MjpegServer, makeJpegs, multipart } from '../../../test/support/mjpeg-server.ts';
import { eventually } from '../../../test/support/wait.ts';
import type { Camera } from '../../domain/ports.ts';
import { systemClock } from '../system/clock.ts';
import { openCamera } from './open-camera.ts';

const format = { rho: 48, crop: 0.875 };
const servers: MjpegServer[] = [];
let folder = '';
let remove = async (): Promise<void> => undefined;
let jpegs: Buffer[] = [];

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  if (hasFfmpeg) jpegs = await makeJpegs(folder, 25);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await remove();
});

async function serve(behaviour: Behaviour): Promise<MjpegServer> {
  const server = new MjpegServer(behaviour);
  servers.push(server);
  await server.start();
  return server;
}

async function open(source: string, more: { rate?: number; clock?: FakeClock } = {}) {
  const log = rememberedLog();
  const options = { source, rate: more.rate, loop: true, realtime: true, view: {}, clock: more.clock ?? systemClock, random: () => 0, log };
  const camera = await openCamera(options);
  return { camera, log };
}

async function opened(behaviour: Behaviour): Promise<Camera> {
  return (await open(`mjpeg:http://${(await serve(behaviour)).host}/stream`)).camera;
}

async function watched(source: string, more: { rate?: number; clock?: FakeClock } = {}) {
  const { camera, log } = await open(source, more);
  const sink = new WatchingSink();
  camera.start(format, sink);
  return { camera, sink, log };
}

/** The first thing that goes wrong with a server that behaves like this. */
async function faultOf(behaviour: Behaviour, credentials = ''): Promise<string> {
  const { host } = await serve(behaviour);
  const { camera, sink } = await watched(`mjpeg:http://${credentials}${host}/stream?token=hush`);
  const fault = await eventually('a fault', () => sink.faults[0]);
  await camera.stop();
  expect(fault).not.toMatch(/secret|hush/);
  expect(fault).toContain(`http://${host}/stream gives no frames: `);
  return fault;
}

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): Behaviour =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

describe.skipIf(!hasFfmpeg)('HTTP cameras', () => {
  cameraContract('multipart JPEGs with lengths', () => opened(multipart(() => jpegs)));
  cameraContract('multipart JPEGs without lengths or dashes', () => opened(multipart(() => jpegs, { delimiter: 'frame', lengths: false })));
  cameraContract('a boundary that has its dashes in the header', () =>
    opened(multipart(() => jpegs, { boundary: '--frame', delimiter: '--frame' })),
  );
  cameraContract('JPEGs without anything between them', () => opened(concatenated(jpegs)));
  cameraContract("ffmpeg's own multipart stream", () => opened(ffmpegMultipart()));

  it('show what a photograph of the same shows', async () => {
    const large = await makeJpegs(folder, 1, '1280x720');
    const { camera, sink } = await watched(`mjpeg:http://${(await serve(multipart(() => large))).host}/`);
    const { pixels } = await eventually('a frame', () => sink.frames[0]);
    await camera.stop();
    const exact = await decodeImage(large[0] as Buffer, format);
    const difference = exact.reduce((sum, value, index) => sum + Math.abs(value - (pixels[index] as number)), 0) / exact.length;
    expect(difference).toBeLessThan(6);
  });

  it('are found behind a plain http address that says what it is, and everything else is left to ffmpeg', async () => {
    const { host } = await serve(multipart(() => jpegs));
    expect((await open(`http://${host}/stream`)).camera.name).toBe(`mjpeg:http://${host}/stream`);
    const video = await serve(answer(200, { 'content-type': 'video/mp4' }));
    expect((await open(`http://${video.host}/a.mp4`)).camera.name).toBe(`http://${video.host}/a.mp4`);
  });

  it('that send faster than pictures are decoded have the newest decoded, and the others counted', async () => {
    const { camera, sink } = await watched(`mjpeg:http://${(await serve(burst(jpegs.slice(0, 20)))).host}/`);
    await eventually('all', () => sink.frames.length + sink.skips === 20);
    await camera.stop();
    expect(sink.skips).toBeGreaterThan(0);
    expect(
      Buffer.compare(sink.frames.at(-1)?.pixels as Uint8Array, await decodeImage(jpegs[19] as Buffer, { ...format, draft: true })),
    ).toBe(0);
  });

  it('are thinned to the rate that is asked for, and that counts as no drop', async () => {
    const { camera, sink } = await watched(`mjpeg:http://${(await serve(multipart(() => jpegs, { rate: 50 }))).host}/`, { rate: 10 });
    await eventually('a first frame', () => sink.frames.length > 0);
    const start = performance.now();
    await eventually('twenty more', () => sink.frames.length > 20);
    const rate = (20 * 1000) / (performance.now() - start);
    await camera.stop();
    expect(rate).toBeGreaterThan(3);
    expect(rate).toBeLessThan(20);
    expect(sink.skips).toBe(0);
  });

  it('that change the size of their pictures go on', async () => {
    let shown = jpegs;
    const large = await makeJpegs(folder, 5, '1920x1080');
    const { camera, sink } = await watched(`mjpeg:http://${(await serve(multipart(() => shown))).host}/`);
    await eventually('frames', () => sink.frames.length > 3);
    shown = large;
    const before = sink.frames.length;
    await eventually('more', () => sink.frames.length > before + 5);
    await camera.stop();
    expect(sink.faults).toEqual([]);
  });

  it('that cut a picture short lose that one alone, and the log tells once of any number', async () => {
    const [first, second, third] = jpegs as [Buffer, Buffer, Buffer];
    // One that breaks off, and one that ends as it should and has a hole in it.
    const holed = Buffer.concat([second.subarray(0, 3000), second.subarray(9000)]);
    const mixed = [first, first.subarray(0, 4000), holed, third];
    const { camera, sink, log } = await watched(`mjpeg:http://${(await serve(multipart(() => mixed, { lengths: false }))).host}/`);
    await eventually('three rounds', () => sink.frames.length >= 6 && sink.skips >= 6);
    await camera.stop();
    expect(sink.faults).toEqual([]);
    expect(log.lines.filter((line) => line.includes('picture passed over'))).toHaveLength(1);
  });

  it('that break off, or go away for a while, are a fault, and come back', async () => {
    const server = await serve(multipart(() => jpegs));
    const port = Number(server.host.split(':')[1]);
    const { camera, sink } = await watched(`mjpeg:http://127.0.0.1:${port}/`);
    await eventually('frames', () => sink.frames.length >= 3);
    await server.stop();
    await eventually('a refused connection', () => sink.faults.some((fault) => fault.includes('ECONNREFUSED')));
    await server.start(port);
    const before = sink.frames.length;
    await eventually('frames again', () => sink.recoveries === 1 && sink.frames.length > before);
    await camera.stop();
  });

  it('that say nothing any more are given up after ten seconds, and tried again', async () => {
    const clock = new FakeClock();
    const server = await serve(
      (_request, response) => void response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace' }).write(jpegs[0]),
    );
    const { camera, sink } = await watched(`mjpeg:http://${server.host}/`, { clock });
    await eventually('the one frame', () => sink.frames.length === 1);
    await clock.advance(9000);
    expect(sink.faults).toEqual([]);
    await clock.advance(1500);
    expect(sink.faults).toEqual([expect.stringContaining('no frame for 10 s')]);
    await clock.advance(1000);
    await eventually('another try', () => server.requests.length === 2 && sink.recoveries === 1);
    await camera.stop();
  });

  it('whose every picture is damaged are told with what is wrong', async () => {
    const clock = new FakeClock();
    const damaged = [Buffer.concat([(jpegs[0] as Buffer).subarray(0, 3000), (jpegs[0] as Buffer).subarray(9000)])];
    const { camera, sink } = await watched(`mjpeg:http://${(await serve(multipart(() => damaged))).host}/`, { clock });
    await eventually('pictures', () => sink.skips > 2);
    await clock.advance(20_500);
    await camera.stop();
    expect(sink.faults[0]).toMatch(/no frame for 20 s; the latest: picture of \d+ bytes: /);
  });

  it('get user and password from the address, and no one else does', async () => {
    const guarded: Behaviour = (request, response) => {
      const known = request.headers.authorization === `Basic ${Buffer.from('user:se cret').toString('base64')}`;
      if (known) multipart(() => jpegs)(request, response);
      else answer(401, { 'www-authenticate': 'Basic realm="camera"' })(request, response);
    };
    const other = await serve(multipart(() => jpegs));
    const server = await serve((request, response) => {
      if (request.url?.startsWith('/moved')) response.writeHead(302, { location: '/stream' }).end();
      else if (request.url?.startsWith('/away')) response.writeHead(307, { location: `http://${other.host}/` }).end();
      else guarded(request, response);
    });
    for (const path of ['stream', 'moved', 'away']) {
      const { camera, sink } = await watched(`mjpeg:http://user:se%20cret@${server.host}/${path}?key=hush`);
      await eventually(`frames of ${path}`, () => sink.frames.length > 0);
      await camera.stop();
      expect(camera.name).toBe(`mjpeg:http://${server.host}/${path}`);
    }
    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(server.requests.filter(({ url }) => url === '/stream')).toHaveLength(1);
    expect(await faultOf(guarded, 'user:secret@')).toContain('HTTP 401; it wants a user and a password');
  });

  it.each<[string, Behaviour, string]>([
    ['not found', answer(404, {}), 'HTTP 404'],
    ['digest', answer(401, { 'www-authenticate': 'Digest realm="x"' }), 'wants digest authentication'],
    ['a page', answer(200, { 'content-type': 'text/html' }, '<html>'), 'it answers with text/html; multipart/x-mixed-replace is expected'],
    ['an end', answer(200, { 'content-type': 'multipart/x-mixed-replace' }), 'it ended the stream'],
    [
      'redirects in a circle',
      (request, response) => void response.writeHead(302, { location: request.url ?? '' }).end(),
      'redirects more than 3 times',
    ],
    ['a redirect to a file', answer(302, { location: 'file:///etc/passwd' }), 'redirects to what is no http address'],
  ])('that answer with %s are a fault that says so', async (_, behaviour, words) => {
    expect(await faultOf(behaviour, 'user:secret@')).toContain(words);
  });

  it('that send anything but JPEGs, or one without an end, are cut off', async () => {
    const endless =
      (head: Buffer): Behaviour =>
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace' });
        response.write(head);
        const more = (): void => {
          while (response.write(Buffer.alloc(200_000, 1)));
          response.once('drain', more);
        };
        more();
      };
    expect(await faultOf(endless(Buffer.from('--b\r\n\r\n')))).toContain('no JPEG begins within');
    expect(await faultOf(endless((jpegs[0] as Buffer).subarray(0, 2000)))).toContain('a picture does not end within');
  });

  it('are refused at once where their address is none, without the secrets in it', async () => {
    const wrong = open('mjpeg:ftp://user:secret@camera/');
    await expect(wrong).rejects.toSatisfy((error) => isAlpharhoError(error) && error.code === 'config_invalid');
    await expect(wrong).rejects.toThrow(
      '--camera mjpeg:ftp://camera: an http address is expected, like "mjpeg:http://camera.local/stream"',
    );
  });
});

const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasOpenssl) process.stderr.write('skipped: HTTPS cameras, whose certificate openssl makes (on Debian: apt-get install openssl)\n');

describe.skipIf(!hasFfmpeg || !hasOpenssl)('HTTPS cameras', () => {
  it('are trusted by their certificate, and otherwise told', async () => {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=camera', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile, ...subject], {
      stdio: 'ignore',
    });
    const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)];
    const server = new MjpegServer(
      multipart(() => jpegs),
      { key, cert },
    );
    servers.push(server);
    await server.start();
    const strange = await watched(`mjpeg:https://${server.host}/`);
    await eventually('a fault', () => strange.sink.faults.some((fault) => fault.includes('self-signed certificate')));
    await strange.camera.stop();
    const before = globalAgent.options;
    globalAgent.options = { ...new Agent({ ca: cert }).options };
    const known = await watched(`mjpeg:https://${server.host}/`);
    await eventually('frames', () => known.sink.frames.length > 2);
    await known.camera.stop();
    globalAgent.options = before;
  });
});

/** All at once, as out of a buffer after a pause of the network. */
function burst(pictures: readonly Buffer[]): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=b' });
    response.write(Buffer.concat(pictures.flatMap((jpeg) => [Buffer.from('--b\r\n\r\n'), jpeg, Buffer.from('\r\n')])));
  };
}
