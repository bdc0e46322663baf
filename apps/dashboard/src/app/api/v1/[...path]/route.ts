/** @file REST: every address under /api/v1. What each takes and answers is in server/api, and in docs/api/openapi.json. */
import { handle } from '@/server/api/handle.ts';
import { isLoopback, loadConfig } from '@/server/config.ts';
import { databaseCodes } from '@/server/database-codes.ts';
import { databaseErrorCode } from '@/server/queries/database-module.ts';
import { database, logger, registry, withChecker } from '@/server/queries/process-state.ts';

function answer(request: Request): Promise<Response> {
  return handle(request, {
    context: async () => ({ db: await database(), registry, withChecker, now: () => new Date() }),
    local: isLoopback(loadConfig().host),
    databaseFault: (error) => {
      const code = databaseErrorCode(error);
      return code && databaseCodes[code];
    },
    logger: logger(),
  });
}

export { answer as DELETE, answer as GET, answer as POST };
