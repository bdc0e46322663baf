/** @file Which topics of the change feed concern which page. Pure. */

/** @param pathname the page's address without its query. */
export function topicsOf(pathname: string): (topic: string) => boolean {
  const device = /^\/devices\/([^/]+)/.exec(pathname)?.[1];
  // The sidebar counts devices and variants on every page; that may wait for the next beat.
  if (device !== undefined) {
    const own = `device:${decodeURIComponent(device)}`;
    return (topic) => topic === own || topic === 'variants';
  }
  const rollout = /^\/rollouts\/([^/]+)/.exec(pathname)?.[1];
  if (rollout !== undefined && rollout !== 'new') {
    const own = `rollout:${decodeURIComponent(rollout)}`;
    return (topic) => topic === own || topic === 'variants';
  }
  if (rollout === 'new') return (topic) => topic === 'updates' || topic === 'variants' || topic === 'rollouts';
  return (topic) => topic === 'fleet' || topic === 'variants' || topic === 'rollouts';
}
