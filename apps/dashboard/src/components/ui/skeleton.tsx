/** @file Grey bars of the geometry that is about to come; shown after 200 ms only. */

export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={index} className="flex h-[34px] items-center gap-6 border-line border-b px-5 phone:h-[52px] phone:px-4">
          <div className="skeleton-bar w-24" />
          <div className="skeleton-bar w-32 max-w-[30%]" />
          <div className="skeleton-bar w-40 max-w-[30%]" />
          <div className="skeleton-bar ml-auto w-16" />
        </div>
      ))}
    </div>
  );
}

export function SkeletonTiles() {
  return (
    <div className="skeleton grid grid-cols-2 border-line border-b lg:grid-cols-4" aria-hidden="true">
      {['a', 'b', 'c', 'd'].map((key) => (
        <div key={key} className="h-[98px] border-line px-5 pt-4 not-first:border-l phone:px-4">
          <div className="skeleton-bar w-20" />
          <div className="skeleton-bar mt-3 h-6 w-16" />
          <div className="skeleton-bar mt-3 w-36 max-w-full" />
        </div>
      ))}
    </div>
  );
}
