/** @file Says of a variant that its weights are random. */

export function UntrainedChip() {
  return (
    <span
      className="rounded-tag border border-line-2 px-1 text-axis text-ink-2"
      title="Seeded random weights: it runs and costs as a trained one does, but what it says means nothing"
    >
      untrained
    </span>
  );
}
