-- AlterTable
ALTER TABLE "RolloutDevice" ADD COLUMN "committedAt" DATETIME;
