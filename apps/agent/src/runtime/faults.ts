/** @file Faults of camera and classifier as they are told: a condition for as long as they last, an event where they begin and end. */
import type { AlpharhoError } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import type { Emit } from '../domain/events.ts';
import { PictureWatch } from '../domain/picture-watch.ts';
import type { Camera } from '../domain/ports.ts';
import type { Reporter } from './reporter.ts';

type Conditions = Pick<Reporter, 'raise' | 'clear' | 'fault'>;

/** @param fault undefined where it is over */
export function tellClassifier(reporter: Conditions, emit: Emit, fault: AlpharhoError | undefined): void {
  if (fault === undefined) {
    if (reporter.clear('classifier')) emit({ id: 'classifier.recovered', level: 'info', message: 'the classifier answers frames again' });
  } else if (reporter.raise('classifier', fault)) {
    const message = `the classifier is lost and is started again: ${fault.message}`;
    emit({ id: 'classifier.lost', level: 'error', message, detail: { code: fault.code } });
  }
}

/**
 * @param fault undefined where frames come again
 * @returns whether it is news
 */
export function tellCamera(reporter: Conditions, emit: Emit, fault: AlpharhoError | undefined): boolean {
  if (fault === undefined) {
    const isNews = reporter.clear('camera');
    if (isNews) emit({ id: 'camera.recovered', level: 'info', message: 'camera: frames come again' });
    return isNews;
  }
  const isNews = reporter.raise('camera', fault);
  if (isNews) {
    emit({ id: 'camera.lost', level: 'error', message: `camera: ${fault.message}; it is tried again`, detail: { code: fault.code } });
  }
  return isNews;
}

/** A camera that shows nothing new, or nothing, is a condition; its frames are classified all the same. */
export function watchPictures({ name }: Pick<Camera, 'name'>, clock: Clock, reporter: Conditions, emit: Emit): PictureWatch {
  const onDoubt = (doubt: AlpharhoError | undefined): void => {
    if (doubt === undefined) {
      const isLost = reporter.fault('camera') !== undefined;
      if (reporter.clear('picture') && !isLost)
        emit({ id: 'camera.recovered', level: 'info', message: 'camera: the picture changes again' });
    } else if (reporter.raise('picture', doubt)) {
      const id = doubt.code === 'camera_black' ? 'camera.black' : 'camera.frozen';
      emit({ id, level: 'warning', message: `camera: ${doubt.message}` });
    }
  };
  return new PictureWatch({ name, clock, onDoubt });
}
