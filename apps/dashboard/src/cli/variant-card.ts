/** @file `alpharho variants show`: one variant on a terminal. */
import { readMeasured } from '../server/measures/read-measured.ts';
import type { Registry } from '../server/registry.ts';
import { findVariant } from '../server/services/retire-variant.ts';
import { variantUses } from '../server/services/variant-uses.ts';
import { card, table } from './table.ts';

/** @throws AlpharhoError variant_unknown */
export async function variantCard(registry: Registry, given: string, json: boolean, now: Date): Promise<string> {
  const { db } = registry;
  const { labels, manifest, ...variant } = await findVariant(registry, given);
  const [measured, uses, events] = await Promise.all([
    readMeasured(db, { variantIds: [variant.id], now: now.getTime() }),
    variantUses(db, variant.id),
    db.variantEvent.findMany({ where: { variantId: variant.id }, orderBy: [{ at: 'asc' }, { id: 'asc' }] }),
  ]);
  if (json) {
    const names = labels === null ? null : JSON.parse(labels);
    return JSON.stringify(
      { ...variant, labels: names, manifest: manifest === null ? null : JSON.parse(manifest), measured, uses, events },
      null,
      2,
    );
  }
  const names = labels === null ? [] : (JSON.parse(labels) as string[]);
  const facts: [string, unknown][] = [
    ['sha256', variant.id],
    ['family', variant.family],
    ['α', variant.alpha],
    ['ρ', variant.rhos === null ? variant.rho : (JSON.parse(variant.rhos) as number[]).join(', ')],
    ['precision', variant.precision],
    ['classes', `${variant.classes}${names.length > 0 ? `: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}` : ''}`],
    ['multiply-adds', variant.multiplyAdds?.toLocaleString('en')],
    ['parameters', variant.parameters?.toLocaleString('en')],
    ['bytes', variant.bytes.toLocaleString('en')],
    [
      'accuracy',
      variant.top1 === null
        ? undefined
        : `top-1 ${variant.top1} %${variant.top5 === null ? '' : `, top-5 ${variant.top5} %`}, from ${variant.accuracySource}`,
    ],
    ['provenance', variant.provenance],
    ['licence', variant.licence],
    ['signed with', variant.keyId],
    [
      'state',
      variant.retiredAt === null ? (variant.stored ? 'offered' : 'not in the registry') : `retired ${variant.retiredAt.toISOString()}`,
    ],
  ];
  const parts = [card(facts)];
  const figures = measured.map((each) => [
    each.hardwareClass,
    String(each.rho),
    each.p50.toFixed(1),
    each.p95.toFixed(1),
    each.fps.toFixed(1),
    (each.memoryMostBytes / 1e6).toFixed(0),
    each.frames.toLocaleString('en'),
    String(each.devices),
  ]);
  parts.push(
    figures.length === 0
      ? 'Not measured in the last 30 days.'
      : table(['measured on', 'ρ', 'p50 ms', 'p95 ms', 'frames/s', 'memory MB', 'frames', 'devices'], figures),
  );
  parts.push(uses.length === 0 ? 'Nothing uses it.' : uses.map(({ deviceId, how }) => `${deviceId} ${how}`).join('\n'));
  parts.push(events.map(({ at, message }) => `${at.toISOString()}  ${message}`).join('\n'));
  return parts.filter((part) => part !== '').join('\n\n');
}
