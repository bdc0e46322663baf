/** @file A rollout's state in its word, on the ground of its tone. */
import { Undo2 } from 'lucide-react';
import { cn } from '@/lib/cn.ts';
import type { RolloutTone } from '@/lib/rollout-words.ts';

const grounds: Record<RolloutTone, string> = {
  plain: 'bg-track',
  accent: 'bg-accent-soft text-accent',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
};

type Props = { word: string; tone: RolloutTone; back?: boolean; className?: string };

export function RolloutChip({ word, tone, back = false, className }: Props) {
  return (
    <span className={cn('inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-tag px-2 font-medium', grounds[tone], className)}>
      {back && <Undo2 size={14} strokeWidth={2} aria-hidden="true" />}
      {word}
    </span>
  );
}
