/** @file The one table of what can happen on a device. */
import { z } from 'zod';

/** Event id → what it means. Ids are stable: never renamed, never reused. */
export const eventIds = {
  // stream status
  'update.phase': 'An update went into another phase; `detail.phase`, `detail.revision`, `detail.outcome`.',
  'update.proven':
    "The variant has passed its probation and waits for the hub's word, which is the acknowledgement of this event; `detail.revision`.",
  'update.quarantined': 'A variant failed here by running, and is not tried again without leave; `detail.code`.',
  'update.pardoned': 'A quarantined variant may be tried again; `detail.revision`.',
  'desired.refused': 'A desired state was not followed; `detail.code` says why, `detail.revision` which.',
  'keys.trusted': 'A key set counts from now on; `detail.version`, `detail.firstUse` where nothing vouched for it.',
  'keys.refused': 'A key set was not taken; `detail.code` says why, `detail.version` which.',
  // stream events
  'camera.lost': 'The camera gives no frames; `detail.code` is the error code. It is tried again.',
  'camera.recovered': 'Frames come again, and change again.',
  'camera.frozen': 'The camera gives the same picture again and again; the frames are classified all the same.',
  'camera.black': 'The camera gives black pictures; the frames are classified all the same.',
  'classifier.lost': 'The classifier died with the frames that it had; it is started again.',
  'classifier.recovered': 'A new classifier answers frames.',
  'inference.settings': 'How a variant runs on this device was chosen; `detail` names provider, threads and precision.',
  'governor.step': 'The governor changed resolution or frame rate; `detail.from`, `detail.to`, `detail.reason`.',
  'outbox.dropped': 'The outbox gave up entries; `detail` counts them by stream.',
  'outbox.damaged': 'The outbox file was damaged: it was set aside, and a new one begun.',
  'outbox.unwritable': 'The outbox cannot be written; results stay in memory.',
  'outbox.recovered': 'The outbox can be written again, or has room again.',
  'clock.jumped': "The device's clock was set; `detail.milliseconds` by how much, forward where positive.",
  'link.silent': 'The broker took the connection and then said nothing; it is connected to anew.',
  'link.duplicate': 'Another agent uses this name, and each takes the connection from the other; `detail.session`.',
  'result.changed': 'Another label than before; `top` is what it is now, `detail.replaced` what it was. May carry a picture.',
  'config.labels': 'A threshold names labels that the serving variant does not have; `detail.labels`.',
  'log.warning': "A line of the agent's log that has no id of its own.",
  'log.error': "A line of the agent's log that has no id of its own.",
  'events.omitted': 'More happened than was sent; `detail` counts what was left out by id.',
} as const satisfies Record<string, string>;
export type EventId = keyof typeof eventIds;

export const eventLevels = ['info', 'warning', 'error'] as const;
export const eventLevelSchema = z.enum(eventLevels);
export type EventLevel = z.infer<typeof eventLevelSchema>;
