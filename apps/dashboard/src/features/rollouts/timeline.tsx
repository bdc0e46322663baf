/** @file What happened, the newest first. */
import { Link } from '@/components/link.tsx';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import type { RolloutEventFacts } from '@/server/rollouts/store/read.ts';

const severities = { info: null, warning: 'warning', error: 'critical' } as const;

type Props = { events: RolloutEventFacts[] /** The rest is a click away. */; more: { href: string; label: string } | null };

export function Timeline({ events, more }: Props) {
  return (
    <Panel
      id="timeline"
      title="Timeline"
      actions={
        more !== null && (
          <Link href={more.href} scroll={false} className="text-accent underline-offset-2 hover:underline phone:py-3">
            {more.label}
          </Link>
        )
      }
    >
      <ol aria-labelledby="timeline" className="pb-3">
        {events.map(({ id, at, level, message }) => {
          const severity = severities[level];
          return (
            <li key={id} className="flex items-start gap-2.5 px-5 py-1 phone:px-4">
              <ClockAt at={at} exact className="w-[58px] shrink-0 text-ink-3" />
              <span className="min-w-0 flex-1 wrap-anywhere">{message}</span>
              {severity !== null && (
                <span className="mt-0.5">
                  <SeverityShape severity={severity} size={14} />
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
