/** @file What a device tells of what happened to it, and the pictures that it was asked for. */
import type { DeviceEvent, Snapshot } from '@alpharho/protocol';
import { snapshotOpenMs } from '../../server/services/request-snapshot.ts';
import type { From } from './apply.ts';
import { correct } from './clock-offset.ts';
import { orNull, topJson } from './rows.ts';
import type { OpenSession, Sessions } from './sessions.ts';
import { sameStory, storyLevels } from './story.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Event id → what the camera's state is from then on. */
const cameraStates: Partial<Record<string, string | null>> = {
  'camera.lost': 'lost',
  'camera.frozen': 'frozen',
  'camera.black': 'black',
  'camera.recovered': null,
};

/** A report and the events of the same phase leave within a second of each other, also after a time without the hub, milliseconds. */
const storyFreshMs = 10 * 60_000;

export function applyEvent(work: UnitOfWork, sessions: Sessions, from: From, event: DeviceEvent): void {
  const { device, arrivedAt } = from;
  const session = sessions.open(device, event.session, event.sentAt, arrivedAt);
  const at = correct(event.at, session.offsetMs, arrivedAt);
  if (!joinStory(work, from, event, at) && addEvent(work, device, session, event, at)) {
    const camera = cameraStates[event.id];
    if (camera !== undefined) {
      const complaint = camera === null ? null : event.message;
      work.sql.setCamera.run(camera, complaint, at, device, event.session);
    }
  }
  work.touch(device, arrivedAt, session.offsetMs);
  work.acknowledge(device, { stream: event.stream, session: event.session, from: event.seq, to: event.seq });
}

/** @returns whether the hub has told of it already; that line gets the time at which it happened. */
function joinStory({ sql }: UnitOfWork, { device, arrivedAt }: From, event: DeviceEvent, at: number): boolean {
  const story = sameStory(event);
  if (story === undefined) return false;
  const { kind, revision } = story;
  return sql.setStoryTime.run(at, device, storyLevels[kind], arrivedAt - storyFreshMs, kind, revision) > 0;
}

/** @returns false where it came before. */
function addEvent({ sql }: UnitOfWork, device: string, session: OpenSession, event: DeviceEvent, at: number): boolean {
  const { stream, seq, id, level, message, variant, frame, top, thumbnail } = event;
  const about = [orNull(event.detail), variant ?? null, frame ?? null, top === undefined ? null : topJson(top)];
  if (sql.addAgentEvent.run(device, session.id, stream, seq, at, id, level, message, ...about) === 0) return false;
  if (thumbnail !== undefined) {
    const { type, width, height, data } = thumbnail;
    sql.addThumbnail.run(type, width, height, Buffer.from(data, 'base64'), session.id, stream, seq);
  }
  return true;
}

/** Taken where the hub asked for it and has no answer yet; a second answer, or one that comes too late, is of no use to anybody. */
export function applySnapshot(work: UnitOfWork, sessions: Sessions, { device, arrivedAt }: From, answer: Snapshot): void {
  const { id, error, variant, top, image } = answer;
  const session = sessions.open(device, answer.session, answer.at, arrivedAt);
  const taken = work.sql.answerSnapshot.run(
    arrivedAt,
    correct(answer.at, session.offsetMs, arrivedAt),
    error?.code ?? null,
    error?.message ?? null,
    variant ?? null,
    top === undefined ? null : topJson(top),
    image?.type ?? null,
    image?.width ?? null,
    image?.height ?? null,
    image === undefined ? null : Buffer.from(image.data, 'base64'),
    id,
    device,
    arrivedAt - snapshotOpenMs,
  );
  if (taken > 0) work.raise(`device:${device}`);
  else if (work.sql.findSnapshot.get(id, device) === undefined) {
    const message = 'snapshot: id: not of a request to this device';
    work.refuse({ device, arrivedAt }, { topic: 'snapshot', code: 'payload_invalid', message, ranges: [] });
  }
}
