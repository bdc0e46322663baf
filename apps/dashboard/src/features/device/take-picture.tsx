/** @file What the camera sees, on request: the button, how far the request is, and the picture. */
'use client';
import { Camera, Eye } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, useSyncExternalStore, useTransition } from 'react';
import { Age } from '@/components/live/age.tsx';
import { useClock } from '@/components/live/clock-provider.tsx';
import { currentTime, subscribeClock } from '@/components/live/clock-store.ts';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { Button } from '@/components/ui/button.tsx';
import { type SnapshotFacts, type SnapshotStatus, snapshotStatus } from '@/lib/snapshot-facts.ts';
import type { Connectivity } from '@/lib/status.ts';
import { takePicture } from '@/server/actions/take-picture.ts';

type Props = { deviceId: string; connectivity: Connectivity; latest: SnapshotFacts | null; picture: SnapshotFacts | null };

const unreachable = { ok: false as const, message: 'Not asked: the dashboard did not answer. Try again.' };

export function TakePicture({ deviceId, connectivity, latest, picture }: Props) {
  const router = useRouter();
  const { now } = useClock();
  const time = useSyncExternalStore(subscribeClock, currentTime, () => now);
  /** The picture that may be seen: one asked for from here, or one that was uncovered. */
  const [seen, setSeen] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const away = connectivity === 'offline' || connectivity === 'new';
  const status = snapshotStatus(latest, connectivity, time);
  const ask = () =>
    startTransition(async () => {
      const outcome = await takePicture(deviceId).catch(() => unreachable);
      setFailure(outcome.ok ? null : outcome.message);
      if (outcome.ok) setSeen(outcome.id);
      router.refresh();
    });
  return (
    <div className="border-line border-t px-5 py-3 phone:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button onClick={ask} disabled={away || pending || status.state === 'waiting'} aria-describedby="picture-status">
          <Camera size={14} strokeWidth={2} aria-hidden="true" />
          Take a picture
        </Button>
        <Words status={status} failure={failure} away={away} />
      </div>
      {picture !== null && <Taken deviceId={deviceId} picture={picture} shown={seen === picture.id} onShow={() => setSeen(picture.id)} />}
    </div>
  );
}

function Words({ status, failure, away }: { status: SnapshotStatus; failure: string | null; away: boolean }) {
  const bad = failure !== null || status.state === 'refused' || status.state === 'timed_out';
  const text = failure ?? status.text ?? (away ? 'Not while the device is offline.' : null);
  return (
    <output id="picture-status" className="flex min-w-0 flex-1 basis-48 items-start gap-2 text-second text-ink-2">
      {bad && (
        <span className="mt-px">
          <SeverityShape severity="warning" size={14} />
        </span>
      )}
      {text}
    </output>
  );
}

type TakenProps = { deviceId: string; picture: SnapshotFacts; shown: boolean; onShow: () => void };

/** A picture that somebody else asked for stays covered until it is wanted. */
function Taken({ deviceId, picture, shown, onShow }: TakenProps) {
  const { id, at, label, width, height } = picture;
  const source = `/devices/${encodeURIComponent(deviceId)}/snapshots/${id}`;
  return (
    <figure className="mt-3">
      {shown ? (
        // biome-ignore lint/performance/noImgElement: shown once, at the size in which the device sent it
        <img
          src={source}
          alt={`What the camera of ${deviceId} saw${label === null ? '' : `: ${label}`}`}
          width={width ?? undefined}
          height={height ?? undefined}
          className="h-auto w-full bg-track"
        />
      ) : (
        <Button tone="quiet" size="row" onClick={onShow} className="-ml-2.5">
          <Eye size={14} strokeWidth={2} aria-hidden="true" />
          Show the last picture
        </Button>
      )}
      {at !== null && (
        <figcaption className="mt-1 text-second text-ink-3">
          Taken <Age at={at} suffix=" ago" />
          {label !== null && (
            <>
              , seen as <bdi>{label}</bdi>
            </>
          )}
        </figcaption>
      )}
    </figure>
  );
}
