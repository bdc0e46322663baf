/** @file One variant, all devices: choose some, and the button says how many will change. */
'use client';
import { useState } from 'react';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { VariantGlyph } from '@/components/variant-glyph.tsx';
import { cn } from '@/lib/cn.ts';
import { plural } from '@/lib/format.ts';
import { connectivityWords } from '@/lib/status.ts';
import { Failure } from './change-variant-dialog.tsx';
import type { DeviceChoice, VariantChoice } from './choices.ts';
import { needsTyping } from './needs-typing.ts';
import { useAssign } from './use-assign.ts';

type Props = { variant: VariantChoice; devices: DeviceChoice[]; onClose: () => void };

export function GiveVariantDialog({ variant, devices, onClose }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState('');
  const { assign, failure, pending } = useAssign(onClose);
  const ids = devices.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const typing = needsTyping(ids.length, devices.length);
  const ready = ids.length > 0 && (!typing || typed.trim() === String(ids.length)) && !pending;
  const toggle = (id: string) =>
    setChosen((before) => (before.has(id) ? new Set([...before].filter((other) => other !== id)) : new Set([...before, id])));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        <span className="inline-flex items-center gap-2">
          Give <VariantGlyph alpha={variant.alpha} rho={variant.rho} /> {variant.name} to devices
        </span>
      }
      description="Each fetches the file, checks it, warms it up and swaps between two frames. Those that are offline change when they are back."
      footer={
        <>
          <Failure text={failure} />
          {typing && (
            <label className="mr-auto flex items-center gap-2 text-ink-2">
              Type {ids.length} to confirm
              <input
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                inputMode="numeric"
                autoComplete="off"
                className="figures h-[30px] w-16 rounded-control border border-line-2 bg-sunken px-2 text-ink phone:h-11"
              />
            </label>
          )}
          <DialogClose asChild>
            <Button>Keep as it is</Button>
          </DialogClose>
          <Button tone="primary" disabled={!ready} onClick={() => assign(ids, variant.id)}>
            {ids.length === 0
              ? 'Choose devices'
              : `Give ${variant.name} ${variant.precision} to ${ids.length === 1 ? ids[0] : plural(ids.length, 'device')}`}
          </Button>
        </>
      }
    >
      <fieldset>
        <legend className="sr-only">Devices</legend>
        {devices.map((device) => (
          <DeviceOption
            key={device.id}
            device={device}
            variantId={variant.id}
            checked={chosen.has(device.id)}
            onToggle={() => toggle(device.id)}
          />
        ))}
      </fieldset>
    </Dialog>
  );
}

type OptionProps = { device: DeviceChoice; variantId: string; checked: boolean; onToggle: () => void };

function DeviceOption({ device, variantId, checked, onToggle }: OptionProps) {
  const serves = device.servingId === variantId && (device.desiredId === null || device.desiredId === variantId);
  return (
    <label
      className={cn(
        'flex min-h-10 items-center gap-2.5 border-line border-b px-5 phone:min-h-12 phone:px-4',
        checked ? 'bg-accent-soft' : !serves && 'hover:bg-sunken',
        serves ? 'text-ink-3' : 'cursor-pointer',
      )}
    >
      <input
        type="checkbox"
        data-first-focus
        checked={checked}
        disabled={serves}
        onChange={onToggle}
        className="size-4 accent-[var(--accent)]"
      />
      <span className="min-w-24 font-medium">{device.id}</span>
      <span className="inline-flex items-center gap-2 text-ink-2">
        <ConnectivityShape state={device.connectivity} />
        {connectivityWords[device.connectivity]}
      </span>
      <span className="ml-auto text-second text-ink-3">
        {serves ? 'serves it now' : device.servingName === null ? '' : `serves ${device.servingName}`}
      </span>
    </label>
  );
}
