/** @file Before anything moves: who, in which order, how long, judged by what, and how it comes back. */
import type { RolloutSpec } from '@alpharho/protocol';
import { Link } from '@/components/link.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { formatAge, formatMs, formatShare, plural } from '@/lib/format.ts';
import { stageName } from '@/lib/rollout-words.ts';
import type { DraftPageFacts } from '@/server/queries/draft-page.ts';
import type { RolloutPreview } from '@/server/rollouts/store/preview.ts';
import { type Draft, type DraftStep, draftHref, specOf } from './draft.ts';
import { PreviewPanel, Wrong } from './preview-panel.tsx';
import { StartBox } from './start-box.tsx';
import { startLabel } from './steering.ts';
import { followsOf } from './steps.ts';
import { FollowsPanel } from './steps-panel.tsx';

type Props = { draft: Draft; facts: DraftPageFacts };

export function ReviewStep({ draft, facts }: Props) {
  const { preview, spec, fleet } = facts;
  if (preview === null) return <Missing draft={draft} />;
  if (!preview.ok || spec === null) {
    return (
      <div className="pt-4">
        <Wrong message={preview.ok ? 'The draft is not complete' : preview.message} />
      </div>
    );
  }
  const { counts } = preview.preview;
  return (
    <div className="xl:grid xl:grid-cols-[minmax(0,1fr)_360px] xl:divide-x xl:divide-line">
      <div className="min-w-0">
        <h2 className="flex flex-wrap items-center gap-x-2 gap-y-1 px-5 pt-4 text-object phone:px-4">
          Move {counts.ready} of {plural(fleet, 'device')} to <Chosen draft={draft} facts={facts} />
        </h2>
        <p className="px-5 pt-1 pb-2 text-ink-2 phone:px-4">
          In {plural(spec.phases.length, 'stage')}, gated on what the model does. At least{' '}
          {formatAge(spec.phases.reduce((sum, { soak }) => sum + soak, 0))} of watching if every gate passes.
        </p>
        <PreviewPanel outcome={preview} fleet={fleet} />
        <Order spec={spec} preview={preview.preview} draft={draft} />
        <Gates spec={spec} draft={draft} />
      </div>
      <div>
        <FollowsPanel follows={followsOf(spec, 0, null)} title="After each look at the gates" />
        <StartBox
          spec={specOf(draft)}
          name={draft.name}
          devices={counts.ready}
          fleet={fleet}
          label={startLabel(preview.preview)}
          startAt={draft.startAt}
        />
      </div>
    </div>
  );
}

function Missing({ draft }: { draft: Draft }) {
  const chosen = draft.variant !== '' || Object.keys(draft.perClass).length > 0;
  const step: DraftStep = chosen ? 'devices' : 'variant';
  return (
    <div className="pt-4">
      <Empty title={chosen ? 'No devices are named yet.' : 'No variant is chosen yet.'}>
        <Change draft={draft} step={step} label={chosen ? 'Choose devices' : 'Choose a variant'} />
      </Empty>
    </div>
  );
}

function Chosen({ draft: { variant, perClass }, facts: { variants } }: Props) {
  const ids = variant === '' ? [...new Set(Object.values(perClass))] : [variant];
  return ids.map((id) => {
    const facts = variants.get(id);
    return facts === undefined ? <span key={id}>{id.slice(0, 8)}</span> : <VariantName key={id} variant={facts} />;
  });
}

function Change({ draft, step, label = 'Change' }: { draft: Draft; step: DraftStep; label?: string }) {
  return (
    <Link href={draftHref(draft, { step })} className="text-accent underline-offset-2 hover:underline phone:py-3">
      {label}
    </Link>
  );
}

/** More names than these tell nobody anything. */
const named = 24;

function Order({ spec, preview, draft }: { spec: RolloutSpec; preview: RolloutPreview; draft: Draft }) {
  const last = spec.phases.length - 1;
  const { windows } = spec.schedule;
  return (
    <Panel
      id="order"
      title="Stages and order"
      note={`one of each class of hardware first; ${plural(spec.phases[0]?.concurrency ?? 1, 'device')} at once`}
      actions={<Change draft={draft} step="stages" />}
      className="border-line border-b"
    >
      <ol className="border-line-2 border-t">
        {spec.phases.map((phase, index) => {
          const own = preview.devices.filter((device) => device.phase === index);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a stage is known by its place
            <li key={index} className="grid gap-x-4 border-line border-b px-5 py-1.5 sm:grid-cols-[104px_220px_minmax(0,1fr)] phone:px-4">
              <span className="font-medium">
                {index + 1} {stageName(phase, index, index === last)}
              </span>
              <span className="text-ink-2">
                {plural(own.length, 'device')}, soak {formatAge(phase.soak)}, gates
                {phase.advance === 'approval' && index !== last && ', approval'}
              </span>
              <span className="min-w-0 text-ink-2 wrap-anywhere">
                {own
                  .slice(0, named)
                  .map(({ id }) => id)
                  .join(', ')}
                {own.length > named && ` and ${own.length - named} more`}
              </span>
            </li>
          );
        })}
      </ol>
      {windows.map(({ from, to, timeZone }) => (
        <p key={from} className="px-5 py-2 text-ink-2 phone:px-4">
          Devices switch between {from} and {to} ({timeZone}) only.
        </p>
      ))}
    </Panel>
  );
}

function Gates({ spec, draft }: { spec: RolloutSpec; draft: Draft }) {
  return (
    <Panel
      id="gates"
      title="Gates"
      note={`over ${formatAge(spec.gates.window)}, at least ${plural(spec.gates.minFrames, 'frame')} of each class of hardware`}
      actions={<Change draft={draft} step="gates" />}
      className="border-line border-b"
    >
      <dl className="grid border-line-2 border-t xl:grid-cols-2">
        {gatesOf(spec).map(([name, limit]) => (
          <div key={name} className="flex justify-between gap-4 border-line border-b px-5 py-1.5 xl:odd:border-r phone:px-4">
            <dt>{name}</dt>
            <dd className="figures">{limit}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function gatesOf({ gates }: RolloutSpec): [name: string, limit: string][] {
  const { latencyP95, frameRate, errorRate, agreement, confidenceShift, classMixShift, failuresAllowed } = gates;
  const list: [string, string | undefined][] = [
    ['Latency p95', `at most ${formatShare(latencyP95.maxRatioToControl - 1)} slower than control`],
    ['Latency p95', latencyP95.maxMs === undefined ? undefined : `≤ ${formatMs(latencyP95.maxMs)}`],
    ['Frame rate', `at most ${formatShare(1 - frameRate.minRatioToControl)} fewer than control`],
    ['Errors', `≤ ${formatShare(errorRate.max)} of frames`],
    ['Agreement in shadow', agreement.min === undefined ? undefined : `≥ ${formatShare(agreement.min)}`],
    ['Mean confidence', confidenceShift.max === undefined ? undefined : `≤ ±${confidenceShift.max}`],
    ['Class-mix shift', classMixShift.max === undefined ? undefined : `≤ ${classMixShift.max}`],
    ['Devices that may fail', String(failuresAllowed)],
  ];
  return list.flatMap(([name, limit]): [string, string][] => (limit === undefined ? [] : [[name, limit]]));
}
