/** @file Whether the prebuilt libraries can be loaded by this operating system at all. */
import { type Finding, failure, ok } from './findings.ts';

/** What ONNX Runtime 1.30 and libvips 8.18 were linked against; the newest symbol version that they ask for. */
const neededGlibc = [2, 28] as const;
/** package.json's engines. */
const neededNode = [20, 19] as const;

export type Platform = {
  readonly platform: string;
  /** Of the program, which may be a 32-bit one on a 64-bit kernel. */
  readonly arch: string;
  readonly release: string;
  /** Undefined where the C library is another one (musl). */
  readonly glibc: string | undefined;
  /** `20.19.0` */
  readonly node: string;
};

export function thisPlatform(release: string): Platform {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return { platform: process.platform, arch: process.arch, release, glibc: header.glibcVersionRuntime, node: process.versions.node };
}

export function checkPlatform({ platform, arch, release, glibc, node }: Platform): Finding[] {
  const system = `${platform} ${release}, ${arch}`;
  return [checkSystem(platform, arch, system), checkGlibc(glibc), checkNode(node)];
}

function checkSystem(platform: string, arch: string, system: string): Finding {
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) return ok('system', `${system}, 64-bit`);
  const what = platform === 'linux' ? `Node here is a program for ${arch}` : `${platform} is not Linux`;
  return failure(
    'system',
    `${what}, and ONNX Runtime has none for it`,
    'install a 64-bit Linux (Raspberry Pi OS 64-bit, Debian, Ubuntu) and its 64-bit Node',
  );
}

function checkGlibc(glibc: string | undefined): Finding {
  const needed = neededGlibc.join('.');
  if (glibc === undefined) {
    return failure(
      'glibc',
      'the C library is not glibc (musl?)',
      `use a system with glibc ${needed} or later: Debian 10, Ubuntu 20.04 or later, not Alpine`,
    );
  }
  if (atLeast(glibc, neededGlibc)) return ok('glibc', `${glibc} (${needed} or later is needed)`);
  return failure(
    'glibc',
    `${glibc} is older than ${needed}, which ONNX Runtime needs`,
    'upgrade to Debian 10, Ubuntu 20.04, JetPack 5 or later',
  );
}

function checkNode(node: string): Finding {
  const needed = neededNode.join('.');
  if (atLeast(node, neededNode)) return ok('node', `${node} (${needed} or later is needed)`);
  return failure('node', `${node} is older than ${needed}`, 'install Node 22 or later: https://nodejs.org/en/download');
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
