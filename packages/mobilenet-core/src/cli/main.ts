/** @file Entry point of `npx mobilenet`. */
import { run } from './program.ts';

// A reader that goes away early (`mobilenet cost … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exitCode = error.code === 'EPIPE' ? 0 : 1;
});

process.exitCode = await run(process.argv.slice(2));
