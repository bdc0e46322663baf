/** @file transformers.js in a process of its own: `transformers-child.js ENTRY MODELS NAME PICTURE THREADS`; answers each turn with its rate. */
import { pathToFileURL } from 'node:url';

/** What the bench needs of @huggingface/transformers, which is no dependency of this package. */
type Transformers = {
  env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(task: 'image-classification', model: string, options: object): Promise<Pipeline>;
  RawImage: { read(path: string): Promise<unknown> };
};
type Pipeline = ((path: string) => Promise<{ label: string; score: number }[]>) & { processor(image: unknown): Promise<unknown> };

export type TurnRequest = { readonly what: 'classify' | 'decode'; readonly ms: number };

const [entry = '', models = '', name = '', picture = '', threads = '1'] = process.argv.slice(2);
const { env, pipeline, RawImage } = (await import(pathToFileURL(entry).href)) as Transformers;
env.allowRemoteModels = false;
env.localModelPath = models;
const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1 };
const classifier = await pipeline('image-classification', name, { dtype: 'fp32', device: 'cpu', session_options: options });

const work: Record<TurnRequest['what'], () => Promise<unknown>> = {
  classify: () => classifier(picture),
  decode: async () => classifier.processor(await RawImage.read(picture)),
};

process.on('message', async ({ what, ms }: TurnRequest) => {
  const start = performance.now();
  let frames = 0;
  for (; performance.now() - start < ms; frames += 1) await work[what]();
  process.send?.((frames * 1000) / (performance.now() - start));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
