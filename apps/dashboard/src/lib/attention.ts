/** @file What wants a person, worst first. Pure: the same list makes the fleet page, the phone and the sidebar's count. */
import type { DeviceFacts, HubFacts } from './device-facts.ts';
import { formatAge, formatCelsius, formatInteger, formatMs, formatOffset } from './format.ts';
import { type ConnectivityStatus, connectivityOf, needsOperator, type Severity, type UpdateStatus, updateOf } from './status.ts';
import { thresholds } from './thresholds.ts';

export type AttentionItem = {
  key: string;
  severity: Severity;
  /** The device's id, or null for the hub. */
  deviceId: string | null;
  /** Connectivity and update have words of their own on a device's page; health has only this one. */
  about: 'hub' | 'connectivity' | 'update' | 'health';
  word: string;
  cause: string;
  since: number | null;
};

export type JudgedDevice = { facts: DeviceFacts; connectivity: ConnectivityStatus; update: UpdateStatus; attention: AttentionItem[] };

const rank: Record<Severity, number> = { critical: 0, warning: 1, notice: 2 };

export function judge(facts: DeviceFacts, hub: HubFacts, now: number): JudgedDevice {
  const connectivity = connectivityOf(facts, now, hub.running);
  const update = updateOf(facts, connectivity.state);
  const items = [
    ofConnectivity(facts, connectivity, now),
    ofUpdate(facts, update),
    ofError(facts, update, now),
    ...ofHealth(facts, connectivity),
  ];
  return { facts, connectivity, update, attention: items.filter((item) => item !== undefined).sort(bySeverity) };
}

/** Whether what it saw last is what it sees now. */
export function seesNow({ facts, connectivity }: JudgedDevice): boolean {
  return (connectivity.state === 'online' || connectivity.state === 'late') && facts.cameraState !== 'lost';
}

/** Severity, then age, the oldest first. */
export function bySeverity(a: AttentionItem, b: AttentionItem): number {
  return (
    rank[a.severity] - rank[b.severity] ||
    (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER) ||
    a.key.localeCompare(b.key)
  );
}

/** Worst first; then what is on its way; then by name. */
export function worstFirst(a: JudgedDevice, b: JudgedDevice): number {
  const weight = (device: JudgedDevice) => {
    const worst = device.attention[0];
    if (worst !== undefined) return rank[worst.severity];
    return device.update.state === 'on_target' || device.update.state === 'committed' || device.update.state === 'no_target' ? 4 : 3;
  };
  return weight(a) - weight(b) || a.facts.id.localeCompare(b.facts.id, 'en', { numeric: true });
}

type About = AttentionItem['about'];

function item(facts: DeviceFacts, about: About, severity: Severity, word: string, cause: string, since: number | null): AttentionItem {
  return { key: `${facts.id} ${word}`, severity, deviceId: facts.id, about, word, cause, since };
}

function ofConnectivity(facts: DeviceFacts, { state, since }: ConnectivityStatus, now: number): AttentionItem | undefined {
  if (state === 'late') {
    return item(
      facts,
      'connectivity',
      'warning',
      'Late',
      `Nothing heard for ${formatAge(now - (since ?? now))}; a heartbeat is due every 10 s.`,
      since,
    );
  }
  if (state !== 'offline') return undefined;
  if (facts.presence !== 'online' && facts.presenceReason === 'stopped')
    return item(facts, 'connectivity', 'notice', 'Offline', 'The agent was stopped in order.', since);
  const cause =
    facts.presence === 'online' ? 'Three heartbeats missed: power, network or the agent itself.' : 'Last will received: power or network.';
  return item(facts, 'connectivity', 'critical', 'Offline', cause, since);
}

function ofUpdate(facts: DeviceFacts, { state, since }: UpdateStatus): AttentionItem | undefined {
  if (!needsOperator(state)) return undefined;
  const stays = facts.serving === null ? '' : ` ${facts.serving.name} still serves.`;
  const cause = facts.errorMessage === null ? `The agent gave no reason.${stays}` : `${sentence(facts.errorMessage)}${stays}`;
  if (state === 'rolled_back') return item(facts, 'update', 'warning', 'Rolled back', cause, since);
  return item(facts, 'update', 'critical', state === 'refused' ? 'Update refused' : 'Update failed', cause, since);
}

/** An error that belongs to a failed update or to the camera is told there. */
function ofError(facts: DeviceFacts, update: UpdateStatus, now: number): AttentionItem | undefined {
  const { errorCode, errorMessage, errorAt, cameraState } = facts;
  if (errorMessage === null || errorAt === null || needsOperator(update.state)) return undefined;
  if (cameraState !== null && errorCode?.startsWith('camera_')) return undefined;
  const settled = update.state === 'committed' && (facts.phaseSince ?? 0) > errorAt;
  if (settled || now - errorAt > thresholds.errorNewsMs) return undefined;
  return item(facts, 'health', 'warning', 'Error', sentence(errorMessage), errorAt);
}

function ofHealth(facts: DeviceFacts, { state }: ConnectivityStatus): (AttentionItem | undefined)[] {
  if (state !== 'online' && state !== 'late') return [];
  return [ofCamera(facts), ofHeat(facts), ofOutbox(facts), ofClock(facts)];
}

const cameras: Record<string, { severity: Severity; word: string; cause: string }> = {
  lost: { severity: 'critical', word: 'Camera lost', cause: 'It gives no frames; the agent tries again.' },
  frozen: { severity: 'warning', word: 'Camera frozen', cause: 'It gives the same picture again and again.' },
  black: { severity: 'warning', word: 'Camera black', cause: 'It gives black pictures: lens cover, light or exposure.' },
};

function ofCamera(facts: DeviceFacts): AttentionItem | undefined {
  const { cameraState, cameraMessage, cameraAt } = facts;
  const camera = cameraState === null ? undefined : cameras[cameraState];
  if (camera === undefined) return undefined;
  const cause = cameraMessage === null ? camera.cause : sentence(cameraMessage);
  return item(facts, 'health', camera.severity, camera.word, cause, cameraAt);
}

/** Throttling says what heat leads to, so that it stands for both. Nobody keeps since when a board is hot. */
function ofHeat(facts: DeviceFacts): AttentionItem | undefined {
  const { temperature, p95, throttled, throttledSince } = facts;
  const latency = p95 === null ? '' : `; p95 ${formatMs(p95)}`;
  const at = temperature === null ? '' : ` at ${formatCelsius(temperature)}`;
  if (throttled !== null && throttled.length > 0) {
    const power = throttled.includes('under-voltage') ? 'Too little voltage: power supply or cable. ' : '';
    const words = throttled.map((each) => throttleWords[each] ?? each).join(', ');
    return item(facts, 'health', 'warning', 'Throttled', `${power}${sentence(`${words}${at}${latency}`)}`, throttledSince);
  }
  if (temperature === null || temperature < thresholds.hotCelsius) return undefined;
  return item(facts, 'health', 'warning', 'Hot', `${formatCelsius(temperature)}${latency}.`, null);
}

/** The firmware's words as people say them. */
export const throttleWords: Record<string, string> = {
  'under-voltage': 'under-voltage',
  'frequency-capped': 'frequency capped',
  throttled: 'throttled',
  'soft-temperature-limit': 'soft temperature limit',
};

function ofOutbox(facts: DeviceFacts): AttentionItem | undefined {
  const { outbox } = facts;
  if (outbox === null || outbox < thresholds.outboxWaiting) return undefined;
  return item(facts, 'health', 'warning', 'Behind', `${formatInteger(outbox)} results wait in its outbox.`, null);
}

function ofClock(facts: DeviceFacts): AttentionItem | undefined {
  const { clockOffsetMs, clockSynchronised } = facts;
  if (Math.abs(clockOffsetMs) >= thresholds.clockOffsetMs) {
    return item(
      facts,
      'health',
      'notice',
      'Clock off',
      `Its clock is ${formatOffset(clockOffsetMs)} off; times shown are corrected.`,
      null,
    );
  }
  if (clockSynchronised !== false) return undefined;
  return item(facts, 'health', 'notice', 'Clock unset', 'Its clock follows no time source; times shown are corrected.', null);
}

/** Agents' messages are fragments; a cause is a sentence. Quantities and names keep their letter: ρ, p95, iPod. */
export function sentence(message: string): string {
  return clause(message).replace(/^[a-z](?![A-Z0-9])/, (letter) => letter.toUpperCase());
}

/** The same after a colon. */
export function clause(message: string): string {
  const text = message.trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
