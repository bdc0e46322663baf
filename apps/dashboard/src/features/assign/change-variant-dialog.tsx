/** @file One device, all variants that the hub can hand out: choose one, and the button says what will happen. */
'use client';
import { useId, useState } from 'react';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { UntrainedChip } from '@/components/untrained-chip.tsx';
import { VariantGlyph } from '@/components/variant-glyph.tsx';
import { cn } from '@/lib/cn.ts';
import type { DeviceChoice, VariantChoice } from './choices.ts';
import { useAssign } from './use-assign.ts';

type Props = { device: DeviceChoice; variants: VariantChoice[]; onClose: () => void };

export function ChangeVariantDialog({ device, variants, onClose }: Props) {
  const group = useId();
  const [chosen, setChosen] = useState<VariantChoice | null>(null);
  const { assign, failure, pending } = useAssign(onClose);
  const offline = device.connectivity === 'offline' || device.connectivity === 'new';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Change the variant of ${device.id}`}
      description={
        offline
          ? 'It is offline: it changes when it is back.'
          : 'It fetches the file, checks it, warms it up and swaps between two frames. The old variant serves until then.'
      }
      footer={
        <>
          <Failure text={failure} />
          <DialogClose asChild>
            <Button>Keep as it is</Button>
          </DialogClose>
          <Button tone="primary" disabled={chosen === null || pending} onClick={() => chosen !== null && assign([device.id], chosen.id)}>
            {chosen === null ? 'Choose a variant' : `Give ${chosen.name} ${chosen.precision} to ${device.id}`}
          </Button>
        </>
      }
    >
      {variants.length === 0 ? (
        <p className="px-5 py-4 text-ink-2">The hub holds no variant yet.</p>
      ) : (
        <fieldset>
          <legend className="sr-only">Variants</legend>
          <VariantHead />
          {variants.map((variant) => (
            <VariantOption
              key={variant.id}
              group={group}
              variant={variant}
              state={stateOf(variant, device)}
              checked={chosen?.id === variant.id}
              onChoose={() => setChosen(variant)}
            />
          ))}
        </fieldset>
      )}
    </Dialog>
  );
}

function stateOf(variant: VariantChoice, device: DeviceChoice): string | null {
  const wanted = (device.desiredId ?? device.servingId) === variant.id;
  if (device.servingId === variant.id) return wanted ? 'serves now' : 'serves until then';
  return wanted ? 'target' : null;
}

const columns =
  'grid grid-cols-[24px_minmax(0,1fr)_72px_84px_72px] items-center gap-x-2 px-5 phone:grid-cols-[28px_minmax(0,1fr)_64px] phone:px-4';

function VariantHead() {
  return (
    <div
      aria-hidden="true"
      className={`${columns} sticky top-0 z-10 h-8 border-line-2 border-b bg-surface text-second font-medium text-ink-3`}
    >
      <span />
      <span>Variant</span>
      <span className="text-right">p95</span>
      <span className="text-right phone:hidden">Multiply-adds</span>
      <span className="text-right phone:hidden">File</span>
    </div>
  );
}

type OptionProps = { group: string; variant: VariantChoice; state: string | null; checked: boolean; onChoose: () => void };

function VariantOption({ group, variant, state, checked, onChoose }: OptionProps) {
  // A failed update may be tried again, so that only what serves as intended is out of the question.
  const disabled = state === 'serves now';
  return (
    <label
      className={cn(
        columns,
        'figures min-h-10 border-line border-b phone:min-h-14',
        checked ? 'bg-accent-soft' : !disabled && 'hover:bg-sunken',
        disabled ? 'text-ink-3' : 'cursor-pointer',
      )}
    >
      <input
        type="radio"
        data-first-focus
        name={group}
        checked={checked}
        disabled={disabled}
        onChange={onChoose}
        className="size-4 accent-[var(--accent)]"
      />
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 py-1">
        <VariantGlyph alpha={variant.alpha} rho={variant.rho} tone={disabled ? 'old' : 'new'} />
        <span className="font-medium">{variant.name}</span>
        <span className="text-second text-ink-3">{variant.precision}</span>
        {variant.untrained && <UntrainedChip />}
        {variant.accuracy !== '—' && <span className="text-second text-ink-2">top-1 {variant.accuracy}</span>}
        {state !== null && <span className="text-second text-ink-3">{state}</span>}
      </span>
      <span className="text-right">{variant.p95}</span>
      <span className="text-right phone:hidden">{variant.cost}</span>
      <span className="text-right phone:hidden">{variant.size}</span>
    </label>
  );
}

/** Takes no room while there is nothing to say. */
export function Failure({ text }: { text: string | null }) {
  return (
    <p role="alert" className="mr-auto flex min-w-0 items-center gap-2 text-bad empty:hidden">
      {text !== null && (
        <>
          <SeverityShape severity="critical" />
          {text}
        </>
      )}
    </p>
  );
}
