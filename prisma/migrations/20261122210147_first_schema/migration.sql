-- CreateTable
CREATE TABLE "Device" (
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
    "desiredId" TEXT,
    "desiredRevision" INTEGER NOT NULL DEFAULT 0,
    "desiredAt" DATETIME,
    "fps" REAL,
    "p50" REAL,
    "p95" REAL,
    "dropRate" REAL,
    "temperature" REAL,
    "outbox" INTEGER,
    "telemetryAt" DATETIME,
    "lastLabel" TEXT,
    "lastProbability" REAL,
    "lastTop" TEXT,
    "lastFrame" INTEGER,
    "lastResultAt" DATETIME,
    "lastVariantId" TEXT,
    CONSTRAINT "Device_servingId_fkey" FOREIGN KEY ("servingId") REFERENCES "Variant" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Device_desiredId_fkey" FOREIGN KEY ("desiredId") REFERENCES "Variant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Session" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deviceId" TEXT NOT NULL,
    "session" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "clockOffsetMs" REAL NOT NULL DEFAULT 0,
    CONSTRAINT "Session_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Variant" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "family" TEXT NOT NULL,
    "alpha" REAL NOT NULL,
    "rho" INTEGER NOT NULL,
    "precision" TEXT NOT NULL,
    "classes" INTEGER NOT NULL,
    "labels" TEXT,
    "weights" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "multiplyAdds" REAL,
    "parameters" REAL,
    "top1" REAL,
    "top5" REAL,
    "accuracySource" TEXT,
    "provenance" TEXT,
    "licence" TEXT,
    "stored" BOOLEAN NOT NULL DEFAULT false
);

-- CreateTable
CREATE TABLE "Result" (
    "sessionId" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "deviceId" TEXT NOT NULL,
    "frame" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "variantId" TEXT NOT NULL,
    "ms" REAL NOT NULL,
    "class" INTEGER NOT NULL,
    "label" TEXT NOT NULL,
    "probability" REAL NOT NULL,
    "top" TEXT NOT NULL,

    PRIMARY KEY ("sessionId", "seq"),
    CONSTRAINT "Result_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Result_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "TelemetryWindow" (
    "sessionId" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "deviceId" TEXT NOT NULL,
    "variantId" TEXT NOT NULL,
    "start" DATETIME NOT NULL,
    "end" DATETIME NOT NULL,
    "captured" INTEGER NOT NULL,
    "classified" INTEGER NOT NULL,
    "dropped" INTEGER NOT NULL,
    "p50" REAL,
    "p95" REAL,
    "p99" REAL,
    "latency" TEXT NOT NULL,
    "outbox" INTEGER NOT NULL,
    "memoryBytes" BIGINT NOT NULL,
    "temperature" REAL,
    "diskFreeBytes" BIGINT,

    PRIMARY KEY ("sessionId", "seq"),
    CONSTRAINT "TelemetryWindow_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "TelemetryWindow_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "DeviceEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deviceId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "kind" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "data" TEXT,
    CONSTRAINT "DeviceEvent_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Change" (
    "topic" TEXT NOT NULL PRIMARY KEY,
    "revision" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "Process" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "startedAt" DATETIME NOT NULL,
    "heartbeatAt" DATETIME NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "Session_deviceId_session_key" ON "Session"("deviceId", "session");

-- CreateIndex
CREATE INDEX "Result_deviceId_at_idx" ON "Result"("deviceId", "at");

-- CreateIndex
CREATE INDEX "TelemetryWindow_deviceId_start_idx" ON "TelemetryWindow"("deviceId", "start");

-- CreateIndex
CREATE INDEX "DeviceEvent_deviceId_at_idx" ON "DeviceEvent"("deviceId", "at");
