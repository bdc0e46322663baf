/** @file The rollout that a device is in, whether it is held, and which variants failed here; nothing where there is none of it. */
import { rolloutDeviceStates } from '@alpharho/protocol';
import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import type { DeviceFacts } from '@/lib/device-facts.ts';
import { shortDigest } from '@/lib/format.ts';
import type { SquareState } from '@/lib/status.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { DeviceRolloutFacts } from '@/server/queries/device-rollout.ts';

type Props = { facts: DeviceFacts; rollout: DeviceRolloutFacts | null; variants: VariantFacts[] };

export function RolloutNotes({ facts: { held, quarantined }, rollout, variants }: Props) {
  if (rollout === null && !held && quarantined.length === 0) return null;
  return (
    <ul aria-label="Rollout and quarantine" className="grid gap-1 border-line border-b px-5 py-2 phone:px-4">
      {rollout !== null && (
        <Note shape={rollout.device === 'committed' ? 'committed' : 'waiting'}>
          In the rollout{' '}
          <Link href={`/rollouts/${rollout.id}`} className="font-medium underline-offset-2 hover:underline">
            {rollout.name}
          </Link>
          , stage {rollout.phase + 1}: {rolloutDeviceStates[rollout.device]}
        </Note>
      )}
      {held && (
        <Note shape="staged">Held: it has fetched its target, and switches when the maintenance window opens or the rollout goes on.</Note>
      )}
      {quarantined.map(({ sha256, code, at }) => (
        <Note key={sha256} shape="quarantined" at={at}>
          Quarantined here: {nameOf(variants, sha256)}, which failed before (<span className="font-mono text-second">{code}</span>). It is
          not tried again unless a rollout retries it.
        </Note>
      ))}
    </ul>
  );
}

function nameOf(variants: VariantFacts[], id: string): string {
  const known = variants.find((variant) => variant.id === id);
  return known === undefined ? shortDigest(id) : `${known.name} ${known.precision}`;
}

function Note({ shape, at, children }: { shape: SquareState; at?: number; children: ReactNode }) {
  return (
    <li className="flex items-start gap-2">
      <span className="grid h-5 place-items-center">
        <UpdateShape state={shape} size={14} />
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere">{children}</span>
      {at !== undefined && <Age at={at} className="shrink-0 text-second text-ink-3" />}
    </li>
  );
}
