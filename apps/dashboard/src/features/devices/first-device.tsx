/** @file What a fleet without devices says: how to start one. */
import { CommandLine } from '@/components/ui/command-line.tsx';
import { isLoopback, loadConfig } from '@/server/config.ts';

export function FirstDevice() {
  return (
    <section aria-labelledby="first-device" className="max-w-[720px] px-5 py-6 phone:px-4">
      <h2 id="first-device" className="font-semibold text-object">
        No devices yet
      </h2>
      <p className="mt-1 text-ink-2">A device appears here with its first heartbeat, without reloading this page.</p>
      <ConnectDevice />
    </section>
  );
}

/** The one-liner, with what has to be replaced in it. */
export function ConnectDevice() {
  const { host, mqttPort } = loadConfig();
  const local = isLoopback(host);
  const address = local || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return (
    <div className="mt-4 grid gap-2">
      <p className="font-medium">On this machine, with the built-in camera</p>
      <CommandLine
        command={`npx alpharho-agent run --id my-first --camera synthetic --model variant.onnx --hub mqtt://${address}:${mqttPort}`}
      />
      <p className="text-ink-2">
        A camera is also a video file, a stream or a folder of images; a model is any file of the variant contract, as{' '}
        <code className="font-mono text-second">npx mobilenet import</code> makes it.
      </p>
      {local && (
        <p className="text-ink-2">
          The hub listens on this machine only. <code className="font-mono text-second">ALPHARHO_HOST</code> opens it to boards elsewhere,
          and to everybody else on that network: there is no sign-in yet.
        </p>
      )}
    </div>
  );
}
