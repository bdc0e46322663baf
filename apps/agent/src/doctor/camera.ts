/** @file Whether the camera gives a frame. */
import { AlpharhoError } from '@alpharho/protocol';
import type { Camera, FrameSink } from '../domain/ports.ts';
import { type Finding, failure, ok, wordsOf } from './findings.ts';

/** Some cameras take seconds to settle their exposure before the first frame. */
const patienceMs = 15_000;
/** Any format will do; this one is small. */
const format = { rho: 128, crop: 1 };

/** Opens the camera, takes one frame and closes it. @param open throws where it is plain that no frame can come */
export async function checkCamera(open: () => Promise<Camera>): Promise<Finding> {
  const start = performance.now();
  let camera: Camera | undefined;
  try {
    camera = await open();
    await camera.check();
    await firstFrame(camera);
    return ok('camera', `${camera.name}: a frame after ${Math.round(performance.now() - start)} ms`);
  } catch (error) {
    return failure('camera', wordsOf(error), 'mend what the line says; "alpharho-agent cameras" lists what is connected');
  } finally {
    await camera?.stop();
  }
}

function firstFrame(camera: Camera): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: AlpharhoError | undefined;
    const timer = setTimeout(() => {
      reject(last ?? new AlpharhoError('camera_unreadable', `${camera.name} gave no frame within ${patienceMs / 1000} s`));
    }, patienceMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      end();
    };
    const memory = new Uint8Array(format.rho * format.rho * 3);
    const sink: FrameSink = {
      begin: () => memory,
      commit: () => settle(resolve),
      skip: () => undefined,
      room: () => undefined,
      recovered: () => undefined,
      // It tries again by itself; the first fault may be a camera that is not ready yet.
      fault: (error) => {
        if (last !== undefined) settle(() => reject(error));
        last = error;
      },
      ended: () => settle(() => reject(last ?? new AlpharhoError('camera_unreadable', `${camera.name} is over before its first frame`))),
    };
    camera.start(format, sink);
  });
}
