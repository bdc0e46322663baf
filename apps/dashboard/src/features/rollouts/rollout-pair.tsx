/** @file What a rollout leads from and to: the old variant grey, the new one in the accent. */
import { ArrowLeft, ArrowRight } from 'lucide-react';
import { VariantName } from '@/components/variant-name.tsx';
import type { VariantFacts } from '@/lib/variant-facts.ts';

type Props = {
  /** Ids, the most frequent first. */
  from: readonly string[];
  to: readonly string[];
  variants: ReadonlyMap<string, VariantFacts>;
  /** The old variant is where it leads. */
  back?: boolean;
};

export function RolloutPair({ from, to, variants, back = false }: Props) {
  const Arrow = back ? ArrowLeft : ArrowRight;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1 align-top">
      {from.length > 0 && (
        <>
          <Several ids={from} variants={variants} tone={back ? 'new' : 'old'} />
          <Arrow size={14} strokeWidth={1.75} className="text-ink-3" role="img" aria-label={back ? 'goes back from' : 'changes to'} />
        </>
      )}
      <Several ids={to} variants={variants} tone={back ? 'old' : 'new'} />
    </span>
  );
}

/** More would be a list, not a name. */
const named = 2;

function Several({ ids, variants, tone }: { ids: readonly string[]; variants: Props['variants']; tone: 'new' | 'old' }) {
  return (
    <>
      {ids.slice(0, named).map((id) => {
        const facts = variants.get(id);
        return facts === undefined ? (
          <span key={id} className="font-mono text-second">
            {id.slice(0, 8)}
          </span>
        ) : (
          <VariantName key={id} variant={facts} tone={tone} />
        );
      })}
      {ids.length > named && <span className="text-second text-ink-3">and {ids.length - named} more</span>}
    </>
  );
}
