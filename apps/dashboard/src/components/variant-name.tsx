/** @file A variant as it is always written: glyph, name, precision in grey, and "untrained" where its weights are random. */

import { ArrowRight } from 'lucide-react';
import { cn } from '@/lib/cn.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import { UntrainedChip } from './untrained-chip.tsx';
import { VariantGlyph } from './variant-glyph.tsx';

type Props = { variant: VariantFacts; tone?: 'new' | 'old'; precision?: boolean; chip?: boolean; className?: string };

export function VariantName({ variant, tone, precision = true, chip = false, className }: Props) {
  return (
    <span className={cn('inline-flex items-center gap-1.5 whitespace-nowrap align-top', className)}>
      <VariantGlyph alpha={variant.alpha} rho={variant.rho} tone={tone} />
      <span className="proportional-nums">{variant.name}</span>
      {precision && <span className="text-second text-ink-3">{variant.precision}</span>}
      {chip && variant.untrained && <UntrainedChip />}
    </span>
  );
}

/** Serving, and the target where it differs: new is accent, what is left behind is grey. */
export function VariantPair({
  serving,
  target,
  precision,
}: {
  serving: VariantFacts | null;
  target: VariantFacts | null;
  precision?: boolean;
}) {
  const differs = target !== null && target.id !== serving?.id;
  if (!differs) return serving === null ? <span className="text-ink-4">—</span> : <VariantName variant={serving} precision={precision} />;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap align-top">
      {serving !== null && (
        <>
          <VariantName variant={serving} tone="old" precision={false} />
          <ArrowRight size={12} strokeWidth={1.75} className="text-ink-3" role="img" aria-label="changes to" />
        </>
      )}
      <VariantName variant={target} precision={false} />
    </span>
  );
}
