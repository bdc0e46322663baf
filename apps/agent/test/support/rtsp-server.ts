/** @file A real RTSP server, GStreamer's, in a process of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own, which is the one that finds Debian's bindings. */
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('rtsp-server.py', import.meta.url));
const needs = 'gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good';
const probe = `
import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ['videotestsrc', 'jpegenc', 'rtpjpegpay'])
`;

export const hasRtspServer = ((): boolean => {
  try {
    execFileSync(python, ['-c', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

if (!hasRtspServer) process.stderr.write(`skipped: RTSP cameras against a real server (on Debian: apt-get install ${needs})\n`);

export class RtspServer {
  port = 0;
  private child: ChildProcess | undefined;

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/camera`;
  }

  /** At the port that it had before, where it had one. */
  async start(): Promise<void> {
    const child = spawn(python, [script, String(this.port)], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.child = child;
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the RTSP server ended with ${code}`))),
    ])) as [string];
    this.port = Number(line);
  }

  /** Changes the picture's size while it plays. */
  resize(width: number, height: number): void {
    this.child?.stdin?.write(`${width}x${height}\n`);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
