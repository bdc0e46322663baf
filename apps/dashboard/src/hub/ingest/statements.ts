/** @file The SQL of ingest, prepared once (docs/adr/0001). Times are milliseconds since 1970, as the client reads them. */
import type { Writer } from '@alpharho/db';

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(writer: Writer) {
  const { prepare } = writer;
  return {
    findDevice: prepare(`
      SELECT presence, session, servingId, phase, outcome, seenRevision, desiredId, desiredRevision FROM Device WHERE id = ?`),
    addDevice: prepare('INSERT INTO Device (id, createdAt) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    seen: prepare('UPDATE Device SET lastSeenAt = max(coalesce(lastSeenAt, 0), ?), clockOffsetMs = ? WHERE id = ?'),

    findSession: prepare('SELECT id, clockOffsetMs FROM Session WHERE deviceId = ? AND session = ?'),
    addSession: prepare('INSERT INTO Session (deviceId, session, startedAt, clockOffsetMs) VALUES (?, ?, ?, ?)'),
    setSessionClock: prepare('UPDATE Session SET clockOffsetMs = ? WHERE id = ?'),

    setOnline: prepare(`
      UPDATE Device SET presence = 'online', presenceReason = NULL, session = ?,
        presenceAt = CASE WHEN presence = 'online' THEN presenceAt ELSE ? END WHERE id = ?`),
    setAgent: prepare('UPDATE Device SET agentVersion = ?, camera = ?, boardModel = ?, arch = ?, cores = ?, memoryBytes = ? WHERE id = ?'),
    setOffline: prepare(`UPDATE Device SET presence = 'offline', presenceReason = ?, presenceAt = ? WHERE id = ?`),
    setReported: prepare(`
      UPDATE Device SET servingId = ?, servingSince = ?, phase = ?, phaseSince = ?, progress = ?, outcome = ?,
        errorCode = ?, errorMessage = ?, errorAt = ?, seenRevision = ? WHERE id = ?`),

    findVariant: prepare('SELECT family, alpha, rho, precision FROM Variant WHERE id = ?'),
    addVariant: prepare(`
      INSERT INTO Variant (id, createdAt, family, alpha, rho, precision, classes, weights, bytes, multiplyAdds, parameters,
        top1, top5, accuracySource, provenance, licence, stored)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`),

    /** Largest first. Many rows in one call halve its cost (docs/adr/0001). */
    addResults: [50, 10, 1].map((rows) => ({ rows, run: prepare(insertResults(rows)).run })),
    setLastResult: prepare(`
      UPDATE Device SET lastLabel = ?, lastProbability = ?, lastTop = ?, lastFrame = ?, lastResultAt = ?, lastVariantId = ?
      WHERE id = ? AND coalesce(lastResultAt, 0) <= ?`),

    addWindow: prepare(`
      INSERT INTO TelemetryWindow (sessionId, seq, deviceId, variantId, start, "end", captured, classified, dropped,
        p50, p95, p99, latency, outbox, memoryBytes, temperature, diskFreeBytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    setLastWindow: prepare(`
      UPDATE Device SET fps = ?, p50 = ?, p95 = ?, dropRate = ?, temperature = ?, outbox = ?, telemetryAt = ?
      WHERE id = ? AND coalesce(telemetryAt, 0) <= ?`),

    addEvent: prepare(`
      INSERT INTO DeviceEvent (deviceId, at, kind, message, data) SELECT id, ?, ?, ?, ? FROM Device WHERE id = ?`),
    raiseChange: prepare(`
      INSERT INTO Change (topic, revision) VALUES (?, 1) ON CONFLICT (topic) DO UPDATE SET revision = revision + 1`),
  };
}

/** Columns of a result, in the order of appendResult. */
export const resultColumns = [
  'sessionId',
  'seq',
  'deviceId',
  'frame',
  'at',
  'variantId',
  'ms',
  'class',
  'label',
  'probability',
  'top',
] as const;

function insertResults(rows: number): string {
  const row = `(${resultColumns.map(() => '?').join(', ')})`;
  return `INSERT INTO Result (${resultColumns.join(', ')}) VALUES ${new Array(rows).fill(row).join(', ')} ON CONFLICT DO NOTHING`;
}
