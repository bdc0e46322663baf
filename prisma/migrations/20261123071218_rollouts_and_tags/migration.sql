-- AlterTable
ALTER TABLE "TelemetryWindow" ADD COLUMN "answers" TEXT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "failed" INTEGER;

-- CreateTable
CREATE TABLE "DeviceTag" (
    "deviceId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL DEFAULT '',

    PRIMARY KEY ("deviceId", "key"),
    CONSTRAINT "DeviceTag_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Rollout" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "key" TEXT,
    "name" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "spec" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "stateAt" DATETIME NOT NULL,
    "reason" TEXT,
    "pausedFrom" TEXT,
    "phase" INTEGER NOT NULL DEFAULT 0,
    "startedAt" DATETIME,
    "endedAt" DATETIME,
    "phaseAt" DATETIME,
    "soakAt" DATETIME,
    "judgeAt" DATETIME,
    "pausedMs" REAL NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "RolloutDevice" (
    "rolloutId" TEXT NOT NULL,
    "deviceId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "phase" INTEGER NOT NULL,
    "late" BOOLEAN NOT NULL DEFAULT false,
    "variantId" TEXT NOT NULL,
    "previousId" TEXT,
    "hardwareClass" TEXT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "stateAt" DATETIME NOT NULL,
    "note" TEXT,
    "revision" INTEGER,
    "toldAt" DATETIME,
    "clockAt" DATETIME,
    "switchedAt" DATETIME,
    "shadow" TEXT,
    "step" TEXT,
    "stepAt" DATETIME,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "retryAt" DATETIME,
    "outcome" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "errorAt" DATETIME,

    PRIMARY KEY ("rolloutId", "deviceId"),
    CONSTRAINT "RolloutDevice_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "RolloutDevice_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "RolloutDevice_variantId_fkey" FOREIGN KEY ("variantId") REFERENCES "Variant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "RolloutDevice_previousId_fkey" FOREIGN KEY ("previousId") REFERENCES "Variant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RolloutVerdict" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "rolloutId" TEXT NOT NULL,
    "phase" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "metric" TEXT NOT NULL,
    "against" TEXT NOT NULL,
    "hardwareClass" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "windowStart" DATETIME NOT NULL,
    "windowEnd" DATETIME NOT NULL,
    "n" INTEGER NOT NULL,
    "devices" INTEGER NOT NULL,
    "controls" INTEGER NOT NULL,
    "baseline" REAL,
    "value" REAL,
    "change" REAL,
    "threshold" REAL NOT NULL,
    "low" REAL,
    "high" REAL,
    "message" TEXT NOT NULL,
    CONSTRAINT "RolloutVerdict_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RolloutEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "rolloutId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "kind" TEXT NOT NULL,
    "level" TEXT NOT NULL DEFAULT 'info',
    "message" TEXT NOT NULL,
    "deviceId" TEXT,
    "phase" INTEGER,
    "data" TEXT,
    CONSTRAINT "RolloutEvent_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Device" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "presence" TEXT NOT NULL DEFAULT 'offline',
    "presenceReason" TEXT,
    "presenceAt" DATETIME,
    "session" TEXT,
    "lastSeenAt" DATETIME,
    "agentVersion" TEXT,
    "camera" TEXT,
    "boardModel" TEXT,
    "arch" TEXT,
    "cores" INTEGER,
    "memoryBytes" BIGINT,
    "hardwareClass" TEXT,
    "clockOffsetMs" REAL NOT NULL DEFAULT 0,
    "servingId" TEXT,
    "servingSince" DATETIME,
    "phase" TEXT NOT NULL DEFAULT 'idle',
    "phaseSince" DATETIME,
    "progress" REAL,
    "outcome" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "errorAt" DATETIME,
    "seenRevision" INTEGER NOT NULL DEFAULT 0,
    "held" BOOLEAN NOT NULL DEFAULT false,
    "quarantined" TEXT,
    "shadow" TEXT,
    "keysVersion" INTEGER,
    "desiredId" TEXT,
    "desiredRevision" INTEGER NOT NULL DEFAULT 0,
    "desiredAt" DATETIME,
    "desiredPolicy" TEXT,
    "desiredHold" BOOLEAN NOT NULL DEFAULT false,
    "desiredPardon" BOOLEAN NOT NULL DEFAULT false,
    "fps" REAL,
    "p50" REAL,
    "p95" REAL,
    "dropRate" REAL,
    "temperature" REAL,
    "outbox" INTEGER,
    "telemetryAt" DATETIME,
    "throttled" TEXT,
    "throttledSince" DATETIME,
    "clockSynchronised" BOOLEAN,
    "cameraState" TEXT,
    "cameraMessage" TEXT,
    "cameraAt" DATETIME,
    "inference" TEXT,
    "governor" TEXT,
    "governorSince" DATETIME,
    "lastLabel" TEXT,
    "lastProbability" REAL,
    "lastTop" TEXT,
    "lastFrame" INTEGER,
    "lastResultAt" DATETIME,
    "lastVariantId" TEXT,
    CONSTRAINT "Device_servingId_fkey" FOREIGN KEY ("servingId") REFERENCES "Variant" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Device_desiredId_fkey" FOREIGN KEY ("desiredId") REFERENCES "Variant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Device" ("agentVersion", "arch", "boardModel", "camera", "cameraAt", "cameraMessage", "cameraState", "clockOffsetMs", "clockSynchronised", "cores", "createdAt", "desiredAt", "desiredId", "desiredRevision", "dropRate", "errorAt", "errorCode", "errorMessage", "fps", "governor", "governorSince", "id", "inference", "lastFrame", "lastLabel", "lastProbability", "lastResultAt", "lastSeenAt", "lastTop", "lastVariantId", "memoryBytes", "outbox", "outcome", "p50", "p95", "phase", "phaseSince", "presence", "presenceAt", "presenceReason", "progress", "seenRevision", "servingId", "servingSince", "session", "telemetryAt", "temperature", "throttled", "throttledSince") SELECT "agentVersion", "arch", "boardModel", "camera", "cameraAt", "cameraMessage", "cameraState", "clockOffsetMs", "clockSynchronised", "cores", "createdAt", "desiredAt", "desiredId", "desiredRevision", "dropRate", "errorAt", "errorCode", "errorMessage", "fps", "governor", "governorSince", "id", "inference", "lastFrame", "lastLabel", "lastProbability", "lastResultAt", "lastSeenAt", "lastTop", "lastVariantId", "memoryBytes", "outbox", "outcome", "p50", "p95", "phase", "phaseSince", "presence", "presenceAt", "presenceReason", "progress", "seenRevision", "servingId", "servingSince", "session", "telemetryAt", "temperature", "throttled", "throttledSince" FROM "Device";
DROP TABLE "Device";
ALTER TABLE "new_Device" RENAME TO "Device";
CREATE INDEX "Device_hardwareClass_idx" ON "Device"("hardwareClass");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "DeviceTag_key_value_idx" ON "DeviceTag"("key", "value");

-- CreateIndex
CREATE UNIQUE INDEX "Rollout_key_key" ON "Rollout"("key");

-- CreateIndex
CREATE INDEX "Rollout_state_idx" ON "Rollout"("state");

-- CreateIndex
CREATE INDEX "RolloutDevice_deviceId_idx" ON "RolloutDevice"("deviceId");

-- CreateIndex
CREATE INDEX "RolloutDevice_rolloutId_state_idx" ON "RolloutDevice"("rolloutId", "state");

-- CreateIndex
CREATE INDEX "RolloutDevice_variantId_idx" ON "RolloutDevice"("variantId");

-- CreateIndex
CREATE INDEX "RolloutDevice_previousId_idx" ON "RolloutDevice"("previousId");

-- CreateIndex
CREATE INDEX "RolloutVerdict_rolloutId_at_idx" ON "RolloutVerdict"("rolloutId", "at");

-- CreateIndex
CREATE INDEX "RolloutEvent_rolloutId_at_idx" ON "RolloutEvent"("rolloutId", "at");
