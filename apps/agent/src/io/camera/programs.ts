/** @file The programs that cameras run: where they are, what is said where they are not, and what their last words mean. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { AlpharhoError, type ErrorCode } from '@alpharho/protocol';
import { runTool } from '../system/run-tool.ts';
import type { Explanation } from './child-source.ts';

/** The programs that cameras need, as they are called, and what is said where one is not there. */
const remedies = {
  ffmpeg: { code: 'ffmpeg_missing', how: 'on Debian: apt-get install ffmpeg' },
  'gst-launch-1.0': {
    code: 'gstreamer_missing',
    how: 'on Debian: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good; on a Jetson it comes with JetPack',
  },
  'rpicam-vid': { code: 'rpicam_missing', how: 'on Raspberry Pi OS: apt-get install rpicam-apps-lite' },
} as const satisfies Record<string, { code: ErrorCode; how: string }>;
type Known = keyof typeof remedies;

/** @param program as it was called */
export function programMissing(program: string, known: Known): AlpharhoError {
  const { code, how } = remedies[known];
  return new AlpharhoError(code, `${program} is not installed, and this camera needs it; ${how}`);
}

/** The first of these names that is a program on the path. */
export async function findProgram(names: readonly string[], path = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file;
    }
  }
  return undefined;
}

/** @throws AlpharhoError where it is not there */
export async function checkProgram(program: string, known: Known, versionFlag: string): Promise<void> {
  if ((await runTool(program, [versionFlag])) === undefined) throw programMissing(program, known);
}

/** What ffmpeg, GStreamer, libcamera and the kernel say, and what it means. The first that fits counts. */
const meanings: readonly { readonly pattern: RegExp; readonly code: ErrorCode; readonly remedy?: string }[] = [
  {
    pattern: /resource busy|is busy|in use by another process|failed to acquire camera/i,
    code: 'camera_busy',
    remedy: 'another program has it; end that one ("fuser /dev/video*" names it)',
  },
  {
    pattern: /permission denied|operation not permitted/i,
    code: 'camera_unreadable',
    remedy: "the agent's user must be in the group video: usermod -aG video USER",
  },
  {
    pattern:
      /no cameras? available|selected camera is not available|cannot identify device|no such device|no such file or directory|invalid camera device/i,
    code: 'camera_missing',
    remedy: '"alpharho-agent cameras" lists what is there',
  },
];

/** @param lines what the child called errors, in order; the last two are told @param isDevice whether remedies for devices fit */
export function explainLines(lines: readonly string[], isDevice: boolean): Explanation {
  const told = [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))];
  const words = told.slice(-2).join('; ').slice(0, 300);
  const meaning = isDevice ? meanings.find(({ pattern }) => told.some((line) => pattern.test(line))) : undefined;
  if (meaning === undefined) return { code: 'camera_unreadable', words };
  return { code: meaning.code, words: meaning.remedy === undefined ? words : `${words} – ${meaning.remedy}` };
}
