/** @file Which events a list shows, by level; the choice is in the address. */
import { Segmented } from '@/components/ui/segmented.tsx';
import { type LevelFilter, levelFilters, levelKeys } from '@/lib/event-facts.ts';

/** @param hrefOf the address with another level. */
export function EventLevelFilter({ current, hrefOf }: { current: LevelFilter; hrefOf: (level: LevelFilter) => string }) {
  return (
    <Segmented
      label="Events shown"
      current={current}
      options={levelKeys.map((key) => ({ key, label: levelFilters[key].label, href: hrefOf(key) }))}
    />
  );
}
