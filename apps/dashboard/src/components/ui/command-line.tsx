/** @file A command to copy. Breaks where it must; nothing is cut. */
import { CopyButton } from './copy-button.tsx';

export function CommandLine({ command }: { command: string }) {
  return (
    <div className="flex items-start gap-2 rounded-control border border-line-2 bg-sunken py-1.5 pr-1.5 pl-3">
      <code className="min-w-0 flex-1 py-0.5 font-mono text-second leading-5 wrap-anywhere">{command}</code>
      <CopyButton text={command} label="Copy the command" />
    </div>
  );
}
