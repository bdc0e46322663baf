/**
 * @file The database package, loaded by Node itself instead of being built into the pages: it holds WebAssembly and finds its migrations
 * beside its own file. Next.js builds workspace packages in even where `serverExternalPackages` names them (vercel/next.js#84388).
 */
import 'server-only';

export const { databaseErrorCode, openDatabase, Prisma } = await import(/* turbopackIgnore: true */ '@alpharho/db');
