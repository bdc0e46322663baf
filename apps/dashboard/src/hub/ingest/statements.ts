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
    setAgent: prepare(`
      UPDATE Device SET agentVersion = ?, camera = ?, boardModel = ?, arch = ?, cores = ?, memoryBytes = ?, hardwareClass = ? WHERE id = ?`),
    setOffline: prepare(`UPDATE Device SET presence = 'offline', presenceReason = ?, presenceAt = ? WHERE id = ?`),
    setReported: prepare(`
      UPDATE Device SET servingId = ?, servingSince = ?, phase = ?, phaseSince = ?, progress = ?, outcome = ?,
        errorCode = ?, errorMessage = ?, errorAt = ?, seenRevision = ?, inference = ?, governor = ?, governorSince = ?,
        held = ?, quarantined = ?, shadow = ?, keysVersion = ? WHERE id = ?`),
    setCamera: prepare('UPDATE Device SET cameraState = ?, cameraMessage = ?, cameraAt = ? WHERE id = ? AND session = ?'),
    /** Of an earlier run of the agent; one that still holds is told again. */
    forgetCamera: prepare('UPDATE Device SET cameraState = NULL, cameraMessage = NULL, cameraAt = NULL WHERE id = ?'),

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
        p50, p95, p99, latency, outbox, memoryBytes, temperature, diskFreeBytes, rho, rate, published, throttled, memoryTotalBytes,
        memoryAvailableBytes, cpuFraction, diskTotalBytes, clockSynchronised, outboxBytes, outboxDropped, failed, answers)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    setLastWindow: prepare(`
      UPDATE Device SET fps = ?, p50 = ?, p95 = ?, dropRate = ?, temperature = ?, outbox = ?, throttled = ?,
        throttledSince = CASE WHEN coalesce(?, '[]') <> '[]' THEN coalesce(throttledSince, ?) END, clockSynchronised = ?, telemetryAt = ?
      WHERE id = ? AND coalesce(telemetryAt, 0) <= ?`),

    addEvent: prepare(`
      INSERT INTO DeviceEvent (deviceId, at, kind, level, message, data) SELECT id, ?, ?, ?, ?, ? FROM Device WHERE id = ?`),
    addAgentEvent: prepare(`
      INSERT INTO DeviceEvent (deviceId, sessionId, stream, seq, at, kind, level, message, data, variantId, frame, top)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    addThumbnail: prepare(`
      INSERT INTO EventThumbnail (eventId, deviceId, at, type, width, height, image)
      SELECT id, deviceId, at, ?, ?, ?, ? FROM DeviceEvent WHERE sessionId = ? AND stream = ? AND seq = ?`),
    /** What the hub told of an update when it heard of it, at the time at which it happened. */
    setStoryTime: prepare(`
      UPDATE DeviceEvent SET at = ? WHERE id = (
        SELECT id FROM DeviceEvent WHERE deviceId = ? AND level = ? AND at >= ? AND stream IS NULL AND kind = ?
          AND json_extract(data, '$.revision') = ? ORDER BY at DESC LIMIT 1)`),
    findSnapshot: prepare('SELECT id FROM Snapshot WHERE id = ? AND deviceId = ?'),
    answerSnapshot: prepare(`
      UPDATE Snapshot SET answeredAt = ?, at = ?, errorCode = ?, errorMessage = ?, variantId = ?, top = ?, type = ?, width = ?, height = ?,
        image = ? WHERE id = ? AND deviceId = ? AND answeredAt IS NULL AND requestedAt >= ?`),
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
