-- AlterTable
ALTER TABLE "Variant" ADD COLUMN "addedAt" DATETIME;
ALTER TABLE "Variant" ADD COLUMN "deletedAt" DATETIME;
ALTER TABLE "Variant" ADD COLUMN "keyId" TEXT;
ALTER TABLE "Variant" ADD COLUMN "manifest" TEXT;
ALTER TABLE "Variant" ADD COLUMN "retiredAt" DATETIME;
ALTER TABLE "Variant" ADD COLUMN "rhos" TEXT;
ALTER TABLE "Variant" ADD COLUMN "signedAt" DATETIME;

-- CreateTable
CREATE TABLE "VariantEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "variantId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "kind" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    CONSTRAINT "VariantEvent_variantId_fkey" FOREIGN KEY ("variantId") REFERENCES "Variant" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "VariantMeasure" (
    "variantId" TEXT NOT NULL,
    "rho" INTEGER NOT NULL,
    "hardwareClass" TEXT NOT NULL,
    "deviceId" TEXT NOT NULL,
    "day" DATETIME NOT NULL,
    "windows" INTEGER NOT NULL,
    "classified" INTEGER NOT NULL,
    "dropped" INTEGER NOT NULL,
    "seconds" REAL NOT NULL,
    "memorySum" REAL NOT NULL,
    "memoryMost" BIGINT NOT NULL,
    "latency" TEXT NOT NULL,

    PRIMARY KEY ("variantId", "rho", "hardwareClass", "deviceId", "day"),
    CONSTRAINT "VariantMeasure_variantId_fkey" FOREIGN KEY ("variantId") REFERENCES "Variant" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "VariantMeasure_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Cursor" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "role" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "retiredAt" DATETIME
);

-- CreateTable
CREATE TABLE "KeySet" (
    "version" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "createdAt" DATETIME NOT NULL,
    "document" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "VariantEvent_variantId_at_idx" ON "VariantEvent"("variantId", "at");

-- CreateIndex
CREATE INDEX "VariantMeasure_day_idx" ON "VariantMeasure"("day");

-- CreateIndex
CREATE INDEX "VariantMeasure_deviceId_idx" ON "VariantMeasure"("deviceId");

-- CreateIndex
CREATE INDEX "SigningKey_role_retiredAt_idx" ON "SigningKey"("role", "retiredAt");
