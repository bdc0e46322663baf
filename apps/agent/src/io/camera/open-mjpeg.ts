/** @file Which addresses are HTTP cameras that send JPEGs. */
import { AlpharhoError } from '@alpharho/protocol';
import { redactUrl } from '../system/redact.ts';
import { openMjpegBody } from './mjpeg-body.ts';
import { MjpegCamera, type MjpegCameraOptions } from './mjpeg-camera.ts';

const prefix = /^mjpeg:/i;
/** A camera that takes longer to answer is left to ffmpeg, which takes such streams too. */
const probeMs = 2000;

export function isMjpegAddress(source: string): boolean {
  return prefix.test(source);
}

/** @throws AlpharhoError config_invalid where no http address follows the prefix */
export function openMjpeg(source: string, options: Omit<MjpegCameraOptions, 'url'>): MjpegCamera {
  const address = source.replace(prefix, '');
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new AlpharhoError(
      'config_invalid',
      `--camera ${redactUrl(source)}: an http address is expected, like "mjpeg:http://camera.local/stream"`,
    );
  }
  return new MjpegCamera({ ...options, url: new URL(address) });
}

/** Asks an http address once what it is. */
export async function answersMjpeg(source: string): Promise<boolean> {
  if (!/^https?:\/\//i.test(source) || !URL.canParse(source)) return false;
  try {
    const answer = await openMjpegBody(new URL(source), AbortSignal.timeout(probeMs));
    answer.destroy();
    return /^multipart\/x-mixed-replace/i.test(answer.headers['content-type'] ?? '');
  } catch {
    // Whatever is wrong with it, ffmpeg says it, and tries again.
    return false;
  }
}
