import { leafOf, type NodeDigests } from '@onefold/journal';
import type { Hash } from '@onefold/protocol';
import type { RemoteState } from '../core/tree.ts';

/* The digests of a node's registers, as a Remote row keeps them. */

const HEX = 64;
type Versions = Pick<RemoteState, 'contentVersion' | 'attributesVersion' | 'digests'>;

/** With another digest of one register; undefined where those of the others are not known. */
export function withDigest(before: Versions, register: keyof NodeDigests, digest: Hash): string | undefined {
  const known = readDigests(before);
  return known === null ? undefined : joinDigests({ ...known, [register]: digest });
}

export function joinDigests({ place, content, attributes }: NodeDigests): string {
  return place + (content ?? '') + (attributes ?? '');
}

/** The leaf of a node; null where it is not known. */
export function leafOfRow(remote: Versions): Hash | null {
  const digests = readDigests(remote);
  return digests === null ? null : leafOf(digests);
}

export function readDigests({ digests, contentVersion, attributesVersion }: Versions): NodeDigests | null {
  if (digests === undefined) return null;
  let at = 0;
  const next = (): Hash => digests.slice(at, (at += HEX)) as Hash;
  const place = next();
  const content = contentVersion > 0 ? next() : null;
  const attributes = attributesVersion > 0 ? next() : null;
  return { place, content, attributes };
}
