-- AlterTable
ALTER TABLE "Device" ADD COLUMN "cameraAt" DATETIME;
ALTER TABLE "Device" ADD COLUMN "cameraMessage" TEXT;
ALTER TABLE "Device" ADD COLUMN "cameraState" TEXT;
ALTER TABLE "Device" ADD COLUMN "clockSynchronised" BOOLEAN;
ALTER TABLE "Device" ADD COLUMN "governor" TEXT;
ALTER TABLE "Device" ADD COLUMN "governorSince" DATETIME;
ALTER TABLE "Device" ADD COLUMN "inference" TEXT;
ALTER TABLE "Device" ADD COLUMN "throttled" TEXT;
ALTER TABLE "Device" ADD COLUMN "throttledSince" DATETIME;

-- AlterTable
ALTER TABLE "TelemetryWindow" ADD COLUMN "clockSynchronised" BOOLEAN;
ALTER TABLE "TelemetryWindow" ADD COLUMN "cpuFraction" REAL;
ALTER TABLE "TelemetryWindow" ADD COLUMN "diskTotalBytes" BIGINT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "memoryAvailableBytes" BIGINT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "memoryTotalBytes" BIGINT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "outboxBytes" BIGINT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "outboxDropped" TEXT;
ALTER TABLE "TelemetryWindow" ADD COLUMN "published" INTEGER;
ALTER TABLE "TelemetryWindow" ADD COLUMN "rate" REAL;
ALTER TABLE "TelemetryWindow" ADD COLUMN "rho" INTEGER;
ALTER TABLE "TelemetryWindow" ADD COLUMN "throttled" TEXT;

-- CreateTable
CREATE TABLE "EventThumbnail" (
    "eventId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deviceId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "type" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "image" BLOB NOT NULL,
    CONSTRAINT "EventThumbnail_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "DeviceEvent" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Snapshot" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "deviceId" TEXT NOT NULL,
    "requestedAt" DATETIME NOT NULL,
    "maxSide" INTEGER,
    "publishedAt" DATETIME,
    "answeredAt" DATETIME,
    "at" DATETIME,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "variantId" TEXT,
    "top" TEXT,
    "type" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "image" BLOB,
    CONSTRAINT "Snapshot_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "EnrolmentToken" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sha256" TEXT NOT NULL,
    "name" TEXT,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "usedAt" DATETIME,
    "deviceId" TEXT,
    CONSTRAINT "EnrolmentToken_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_DeviceEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deviceId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "kind" TEXT NOT NULL,
    "level" TEXT NOT NULL DEFAULT 'info',
    "message" TEXT NOT NULL,
    "data" TEXT,
    "sessionId" INTEGER,
    "stream" TEXT,
    "seq" INTEGER,
    "variantId" TEXT,
    "frame" INTEGER,
    "top" TEXT,
    CONSTRAINT "DeviceEvent_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "DeviceEvent_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_DeviceEvent" ("at", "data", "deviceId", "id", "kind", "message") SELECT "at", "data", "deviceId", "id", "kind", "message" FROM "DeviceEvent";
DROP TABLE "DeviceEvent";
ALTER TABLE "new_DeviceEvent" RENAME TO "DeviceEvent";
CREATE INDEX "DeviceEvent_deviceId_at_idx" ON "DeviceEvent"("deviceId", "at");
CREATE INDEX "DeviceEvent_deviceId_level_at_idx" ON "DeviceEvent"("deviceId", "level", "at");
CREATE INDEX "DeviceEvent_stream_level_id_idx" ON "DeviceEvent"("stream", "level", "id");
CREATE UNIQUE INDEX "DeviceEvent_sessionId_stream_seq_key" ON "DeviceEvent"("sessionId", "stream", "seq");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "EventThumbnail_deviceId_at_idx" ON "EventThumbnail"("deviceId", "at");

-- CreateIndex
CREATE INDEX "Snapshot_deviceId_requestedAt_idx" ON "Snapshot"("deviceId", "requestedAt");

-- CreateIndex
CREATE INDEX "Snapshot_publishedAt_requestedAt_idx" ON "Snapshot"("publishedAt", "requestedAt");

-- CreateIndex
CREATE INDEX "EnrolmentToken_createdAt_idx" ON "EnrolmentToken"("createdAt");

-- What the hub told before levels were there
UPDATE "DeviceEvent" SET "level" = 'error' WHERE "kind" = 'failed';
UPDATE "DeviceEvent" SET "level" = 'warning' WHERE "kind" IN ('offline', 'rolled_back', 'refused_message');
