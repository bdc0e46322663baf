/** @file The mark. */

export function Logo() {
  return (
    <span
      aria-hidden="true"
      className="grid size-[26px] shrink-0 place-items-center rounded-control bg-ink pb-px font-semibold text-surface text-title leading-none tracking-[-0.04em]"
    >
      αρ
    </span>
  );
}
