/** @file Whether the libraries that the agent is built on load and work on this processor. */
import { cpu } from '../io/inference/preferences.ts';
import { version } from '../version.ts';
import { type Finding, failure, ok, wordsOf } from './findings.ts';

/** docs/agent.md tells the same. */
const reinstall = `install the agent again on this machine, for its processor: sudo sh install.sh alpharho-agent-${version}.tgz`;

const trial = { frames: 1, budgetMs: 1, limitMs: 10_000 };

/** Builds the smallest MobileNet, without any file, and classifies a black frame. */
export async function checkInference(threads: number): Promise<Finding> {
  try {
    const core = await import('@alpharho/mobilenet-core');
    const file = core.buildVariant({ family: 'v1', alpha: 0.25, rho: 128, labels: ['a', 'b'], seed: 1 });
    const classifier = await core.createClassifier(file, { threads });
    const frame = new Uint8Array(128 * 128 * 3);
    await classifier.classify(frame);
    const start = performance.now();
    await classifier.classify(frame);
    const ms = performance.now() - start;
    await classifier.close();
    return ok(
      'inference',
      [`${core.runtimeVersion()} classified a frame of V1 0.25×128 in ${ms.toFixed(1)} ms on ${cpu}`, ...(await otherProviders(file))].join(
        '; ',
      ),
    );
  } catch (error) {
    return failure('inference', `ONNX Runtime does not run here: ${wordsOf(error)}`, reinstall);
  }
}

/** What else the runtime lists, and whether it runs here: tried in a process of its own, since a driver that is broken may end that. */
async function otherProviders(file: Uint8Array): Promise<string[]> {
  const { measureApart, missingLibrary, readVariant, runtimeProviders } = await import('@alpharho/mobilenet-core/classify');
  const model = { variant: readVariant(file), read: async () => file };
  const [runs, idle]: [string[], string[]] = [[], []];
  for (const provider of runtimeProviders().filter(({ name }) => name !== cpu)) {
    const { name } = provider;
    const missing = missingLibrary(provider);
    const reason =
      missing === undefined
        ? await measureApart(model, [{ provider: name, threads: 1 }], trial).then(() => undefined, wordsOf)
        : `${missing} is not installed`;
    if (reason === undefined) runs.push(name);
    else idle.push(`${name} (${reason})`);
  }
  return [
    ...(runs.length > 0 ? [`${runs.join(', ')} ${runs.length === 1 ? 'runs' : 'run'} too`] : []),
    ...(idle.length > 0 ? [`listed by the runtime, and not running on this machine: ${idle.join(', ')}`] : []),
  ];
}

/** The outbox is a database, and its library is a compiled one. */
export async function checkDatabase(): Promise<Finding> {
  try {
    const { default: sqlite } = await import('sqlite3');
    await new Promise<void>((resolve, reject) => {
      const database = new sqlite.Database(':memory:', (error) => {
        if (error !== null) reject(error);
        else database.close((late) => (late === null ? resolve() : reject(late)));
      });
    });
    return ok('database', `SQLite ${sqlite.VERSION} opens`);
  } catch (error) {
    return failure('database', `SQLite does not run here: ${wordsOf(error)}`, reinstall);
  }
}
