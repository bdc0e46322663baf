/** @file Tick Pass, tilde Inconclusive, cross Fail. */
import { Check, X } from 'lucide-react';
import { cn } from '@/lib/cn.ts';
import type { Outcome } from './gate-model.ts';

export const verdictTones: Record<Outcome, string> = {
  pass: 'bg-ok-soft text-ok',
  inconclusive: 'bg-warn-soft text-warn',
  fail: 'bg-bad-soft text-bad',
};
const words: Record<Outcome, string> = { pass: 'Pass', inconclusive: 'Inconclusive', fail: 'Fail' };

export function VerdictWord({ verdict, chip = true, className }: { verdict: Outcome; chip?: boolean; className?: string }) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 whitespace-nowrap font-medium',
        chip && 'h-6 rounded-tag px-2',
        verdictTones[verdict],
        !chip && 'bg-transparent',
        className,
      )}
    >
      {verdict === 'inconclusive' ? (
        <svg
          viewBox="0 0 12 12"
          width="12"
          height="12"
          aria-hidden="true"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
          strokeLinecap="round"
        >
          <path d="M1.5 7.2C3 4.2 4.7 4.6 6 6s3 1.8 4.5-1.2" />
        </svg>
      ) : verdict === 'pass' ? (
        <Check size={12} strokeWidth={2.5} aria-hidden="true" />
      ) : (
        <X size={12} strokeWidth={2.5} aria-hidden="true" />
      )}
      {words[verdict]}
    </span>
  );
}
