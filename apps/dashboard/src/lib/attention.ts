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

function item(facts: DeviceFacts, severity: Severity, word: string, cause: string, since: number | null): AttentionItem {
  return { key: `${facts.id} ${word}`, severity, deviceId: facts.id, word, cause, since };
}

function ofConnectivity(facts: DeviceFacts, { state, since }: ConnectivityStatus, now: number): AttentionItem | undefined {
  if (state === 'late') {
    return item(facts, 'warning', 'Late', `Nothing heard for ${formatAge(now - (since ?? now))}; a heartbeat is due every 10 s.`, since);
  }
  if (state !== 'offline') return undefined;
  if (facts.presence !== 'online' && facts.presenceReason === 'stopped')
    return item(facts, 'notice', 'Offline', 'The agent was stopped in order.', since);
  const cause =
    facts.presence === 'online' ? 'Three heartbeats missed: power, network or the agent itself.' : 'Last will received: power or network.';
  return item(facts, 'critical', 'Offline', cause, since);
}

function ofUpdate(facts: DeviceFacts, { state, since }: UpdateStatus): AttentionItem | undefined {
  if (!needsOperator(state)) return undefined;
  const stays = facts.serving === null ? '' : ` ${facts.serving.name} still serves.`;
  const cause = facts.errorMessage === null ? `The agent gave no reason.${stays}` : `${sentence(facts.errorMessage)}${stays}`;
  if (state === 'rolled_back') return item(facts, 'warning', 'Rolled back', cause, since);
  return item(facts, 'critical', state === 'refused' ? 'Update refused' : 'Update failed', cause, since);
}

/** An error that belongs to a failed update is told there. */
function ofError(facts: DeviceFacts, update: UpdateStatus, now: number): AttentionItem | undefined {
  const { errorMessage, errorAt } = facts;
  if (errorMessage === null || errorAt === null || needsOperator(update.state)) return undefined;
  const settled = update.state === 'committed' && (facts.phaseSince ?? 0) > errorAt;
  if (settled || now - errorAt > thresholds.errorNewsMs) return undefined;
  return item(facts, 'warning', 'Error', sentence(errorMessage), errorAt);
}

function ofHealth(facts: DeviceFacts, { state }: ConnectivityStatus): (AttentionItem | undefined)[] {
  if (state !== 'online' && state !== 'late') return [];
  const { temperature, outbox, clockOffsetMs, telemetryAt } = facts;
  const hot = temperature !== null && temperature >= thresholds.hotCelsius;
  const behind = outbox !== null && outbox >= thresholds.outboxWaiting;
  const skewed = Math.abs(clockOffsetMs) >= thresholds.clockOffsetMs;
  return [
    hot
      ? item(
          facts,
          'warning',
          'Hot',
          `${formatCelsius(temperature)}${facts.p95 === null ? '' : `; p95 ${formatMs(facts.p95)}`}.`,
          telemetryAt,
        )
      : undefined,
    behind ? item(facts, 'warning', 'Behind', `${formatInteger(outbox)} results wait in its outbox.`, telemetryAt) : undefined,
    skewed
      ? item(facts, 'notice', 'Clock off', `Its clock is ${formatOffset(clockOffsetMs)} off; times shown are corrected.`, null)
      : undefined,
  ];
}

/** Agents' messages are fragments; a cause is a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  const closed = /[.!?…]$/.test(text) ? text : `${text}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
