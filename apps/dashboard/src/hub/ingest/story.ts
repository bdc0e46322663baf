/** @file What of a device's reports is news for people: pure functions from (before, now) to events. */
import type { DeviceEvent, EventLevel, Presence, Reported, UpdatePhase } from '@alpharho/protocol';

export type StoryKind = 'online' | 'offline' | 'updating' | 'switched' | 'committed' | 'rolled_back' | 'failed' | 'refused_message';
export const storyLevels: Record<StoryKind, EventLevel> = {
  online: 'info',
  offline: 'warning',
  updating: 'info',
  switched: 'info',
  committed: 'info',
  rolled_back: 'warning',
  failed: 'error',
  refused_message: 'warning',
};

export type StoryEvent = { kind: StoryKind; message: string; data?: object };

export type PresenceBefore = { presence: string; session: string | null };

/** @returns undefined where nothing is new, or where the message is a stale will: it speaks for a session that another has replaced. */
export function presenceStory(before: PresenceBefore | undefined, message: Presence): StoryEvent | undefined {
  if (message.state === 'online') {
    if (before?.session === message.session) {
      return before.presence === 'online' ? undefined : { kind: 'online', message: 'Connected again' };
    }
    const restarted = before?.presence === 'online';
    return { kind: 'online', message: restarted ? 'Agent restarted' : before?.session ? 'Agent started' : 'Connected for the first time' };
  }
  if (before?.presence !== 'online' || before.session !== message.session) return undefined;
  const stopped = message.reason === 'stopped';
  return { kind: 'offline', message: stopped ? 'Agent stopped' : 'Connection lost', data: { reason: message.reason ?? 'lost' } };
}

export type ReportedBefore = { servingId: string | null; phase: string; seenRevision: number };

/** Names of variants as people read them; a target that is not known is left out. */
export type StoryNames = { serving: string; previous: string | undefined; target: string | undefined };

const underWay = new Set<string>([
  'downloading',
  'verifying',
  'staged',
  'warming',
  'shadowing',
  'switching',
  'probation',
] satisfies UpdatePhase[]);

/** @returns the events of one report, in the order in which they happened. */
export function reportedStory(before: ReportedBefore, now: Reported, names: StoryNames): StoryEvent[] {
  const newUpdate = now.revision > before.seenRevision;
  const moved = now.phase !== before.phase;
  const story: StoryEvent[] = [];
  const data = { revision: now.revision };
  if (underWay.has(now.phase) && (newUpdate || !underWay.has(before.phase))) {
    story.push({ kind: 'updating', message: names.target ? `Changing to ${names.target}` : 'Changing its variant', data });
  }
  if (before.servingId !== null && before.servingId !== now.serving.sha256) {
    story.push({ kind: 'switched', message: `Serves ${names.serving}${names.previous ? ` instead of ${names.previous}` : ''}`, data });
  }
  if (moved || newUpdate) story.push(...endOfUpdate(now, names));
  return story;
}

function endOfUpdate(now: Reported, names: StoryNames): StoryEvent[] {
  const why = now.lastError ? `: ${now.lastError.message}` : '';
  const data = { revision: now.revision, ...(now.lastError && { code: now.lastError.code }) };
  switch (now.phase) {
    case 'committed':
      return [{ kind: 'committed', message: `${names.serving} has proved itself`, data }];
    case 'rolled_back':
      return [{ kind: 'rolled_back', message: `Went back to ${names.serving}${why}`, data }];
    case 'failed':
      return [{ kind: 'failed', message: `${names.target ?? 'The new variant'} did not come into service${why}`, data }];
    default:
      return [];
  }
}

/** The line that the hub tells of a phase when a report shows it; the phases between have none. */
const toldPhases: Partial<Record<string, StoryKind>> = {
  downloading: 'updating',
  switching: 'switched',
  committed: 'committed',
  rolled_back: 'rolled_back',
  failed: 'failed',
};

/**
 * An agent tells each phase as an event too, with the time at which it happened, while reports say only what is so now.
 * @returns the line that tells of the same, if the hub has told it; it wants no second one.
 */
export function sameStory({ id, detail }: Pick<DeviceEvent, 'id' | 'detail'>): { kind: StoryKind; revision: number } | undefined {
  if (id !== 'update.phase' || typeof detail?.revision !== 'number') return undefined;
  const kind = toldPhases[String(detail.phase)];
  return kind && { kind, revision: detail.revision };
}
