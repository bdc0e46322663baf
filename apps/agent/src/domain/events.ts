/** @file What happened on this device: one call tells the log and the hub. */
import {
  type DeviceEvent,
  type EventDetail,
  type EventId,
  type EventLevel,
  type EventStream,
  maxDetails,
  type Prediction,
  type Sha256,
  type WireImage,
} from '@alpharho/protocol';

export type AgentEvent = {
  readonly id: EventId;
  readonly level: EventLevel;
  /** For people; cut at 500 characters. */
  readonly message: string;
  readonly detail?: EventDetail;
  readonly variant?: Sha256;
  readonly frame?: number;
  readonly top?: readonly Prediction[];
  readonly thumbnail?: WireImage;
  /** Device clock; now unless said. */
  readonly at?: number;
};

/** Writes the log line too: whoever emits does not log the same once more. Never throws. */
export type Emit = (event: AgentEvent) => void;

/** The wire's limits. */
const maxMessage = 500;
const maxKey = 60;

export type EventDraft = Omit<DeviceEvent, 'sentAt'>;

/** Update phases go before everything else. */
export function streamOf(id: EventId): EventStream {
  return /^(update|desired|keys)\./.test(id) ? 'status' : 'events';
}

/** What travels, within the wire's limits whatever the event is made of: one that the codec refused would be lost. */
export function draftEvent(event: AgentEvent, place: { readonly session: string; readonly seq: number; readonly at: number }): EventDraft {
  const { id, level, message, detail, variant, frame, top, thumbnail } = event;
  return {
    v: 1,
    stream: streamOf(id),
    ...place,
    id,
    level,
    message: message.slice(0, maxMessage) || id,
    ...(detail !== undefined && { detail: fitDetail(detail) }),
    ...(variant !== undefined && { variant }),
    ...(frame !== undefined && { frame }),
    ...(top !== undefined && { top: [...top] }),
    ...(thumbnail !== undefined && { thumbnail }),
  };
}

/** JSON has no word for values that are no numbers; they are left out, and so is what is too much. */
function fitDetail(detail: EventDetail): EventDetail {
  const entries = Object.entries(detail).filter(([key, value]) => key !== '' && (typeof value !== 'number' || Number.isFinite(value)));
  return Object.fromEntries(
    entries
      .slice(0, maxDetails)
      .map(([key, value]) => [key.slice(0, maxKey), typeof value === 'string' ? value.slice(0, maxMessage) : value]),
  );
}
