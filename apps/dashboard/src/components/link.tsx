/**
 * @file A link that is not fetched ahead. Pages refresh themselves each second, and each refresh would fetch every link in sight again;
 * on a local network the page itself is there sooner than the pointer leaves the link.
 */
import NextLink from 'next/link';
import type { ComponentProps } from 'react';

export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
