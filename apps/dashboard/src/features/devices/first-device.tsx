/** @file What a fleet without devices says: how to get one. */
import { CommandLine } from '@/components/ui/command-line.tsx';
import { EnrolButton } from '@/features/enrol/enrol-provider.tsx';
import { isLoopback, loadConfig } from '@/server/config.ts';

export function FirstDevice() {
  const { host, mqttPort } = loadConfig();
  const address = isLoopback(host) || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return (
    <section aria-labelledby="first-device" className="max-w-[720px] px-5 py-6 phone:px-4">
      <h2 id="first-device" className="font-semibold text-object">
        No devices yet
      </h2>
      <p className="mt-1 mb-3 text-ink-2">A device appears here when its board is enrolled, without reloading this page.</p>
      <EnrolButton tone="primary" />
      <div className="mt-6 grid gap-2">
        <p className="font-medium">Or on this machine, with the built-in camera</p>
        <CommandLine
          command={`npx alpharho-agent run --id my-first --camera synthetic --model variant.onnx --hub mqtt://${address}:${mqttPort}`}
        />
        <p className="text-ink-2">
          A camera is also a video file, a stream or a folder of images; a model is any file of the variant contract, as{' '}
          <code className="font-mono text-second">npx mobilenet import</code> makes it.
        </p>
      </div>
    </section>
  );
}
