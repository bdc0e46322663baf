/** @file What a page says when it could not be made: what failed, and "Try again". */
'use client';
import { SeverityShape } from './status/severity-shape.tsx';
import { Button } from './ui/button.tsx';

type Props = { title: string; cause: string; reference?: string; onRetry: () => void };

export function PageFailure({ title, cause, reference, onRetry }: Props) {
  return (
    <div role="alert" className="px-5 py-6 phone:px-4">
      <p className="flex items-center gap-2 font-medium">
        <SeverityShape severity="critical" />
        {title}
      </p>
      <p className="mt-1 max-w-[70ch] text-ink-2">{cause}</p>
      {reference !== undefined && (
        <p className="mt-1 text-second text-ink-3">
          In the dashboard's log: <span className="font-mono">{reference}</span>
        </p>
      )}
      <Button className="mt-3" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
