/** @file The variant glyph: a frame of α 1 × ρ 224, filled from the lower left to width α and height ρ / 224. Wider is right, sharper is up. */

/** The glyph's frame is the paper's largest model: α = 1, ρ = 224. */
const fullRho = 224;
/** Nothing wider than this is drawn wider, so that a name never moves far. */
const widest = 1.5;

type Props = {
  alpha: number;
  rho: number;
  /** `new`: accent; `old`: grey, for what is left behind or out of service. */
  tone?: 'new' | 'old';
  size?: number;
};

export function VariantGlyph({ alpha, rho, tone = 'new', size = 14 }: Props) {
  const inner = size - 2;
  const width = Math.max(1.5, inner * Math.min(alpha, widest));
  const height = Math.max(1.5, inner * Math.min(rho / fullRho, 1));
  const total = Math.max(size, width + 2);
  return (
    <svg viewBox={`0 0 ${total} ${size}`} width={total} height={size} aria-hidden="true" className="shrink-0">
      <rect x="0.5" y="0.5" width={size - 1} height={size - 1} fill="none" stroke="var(--line-3)" />
      <rect x="1" y={size - 1 - height} width={width} height={height} fill={tone === 'new' ? 'var(--accent)' : 'var(--ink-3)'} />
    </svg>
  );
}
