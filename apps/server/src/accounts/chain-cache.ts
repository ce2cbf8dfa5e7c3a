import { extendChain, verifyChain, type UserChain } from '@onefold/journal';
import {
  chainSignatureSchema,
  decodeWire,
  encodeWire,
  OnefoldError,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { z } from 'zod';
import { idBytes } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

const signaturesSchema = z.array(chainSignatureSchema);

/** Verified chains. A chain only grows, so what was verified once stays true; a longer need reads and checks only the new links. */
export interface ChainCache {
  /** The user's chain, reaching link `n` if the user has that many. Reads committed links only: never call it with a transaction that appended some. */
  reaching(reader: Reader, user: UserId, n: number): Promise<UserChain | undefined>;
}

export function createChainCache(maxUsers = 4_096): ChainCache {
  const chains = new Map<UserId, UserChain>();
  return {
    async reaching(reader, user, n) {
      const known = chains.get(user);
      if (known !== undefined && known.length > n) return known;
      const links = await readLinks(reader, user, known?.length ?? 0);
      if (links.length === 0) return known;
      const chain = known === undefined ? verifyChain(links, { user }) : extendChain(known, links);
      const current = chains.get(user);
      if (current === undefined || current.length < chain.length) {
        chains.delete(user);
        if (chains.size >= maxUsers) {
          const oldest = chains.keys().next().value;
          if (oldest !== undefined) chains.delete(oldest);
        }
        chains.set(user, chain);
      }
      return chain;
    },
  };
}

/** Links from position `fromN` on, as they were received. */
export async function readLinks(reader: Reader, user: UserId, fromN: number): Promise<SignedLink[]> {
  const rows = await reader
    .selectFrom('user_chain')
    .select(['n', 'link', 'signatures'])
    .where('user', '=', idBytes(user))
    .where('n', '>=', fromN)
    .orderBy('n')
    .execute();
  rows.forEach((row, i) => {
    if (row.n !== fromN + i) throw new OnefoldError('internal', 'a user chain has a gap');
  });
  return rows.map((row) => ({ link: row.link, signatures: decodeWire(signaturesSchema, row.signatures, 'internal') }));
}

export function encodeSignatures(link: SignedLink): Uint8Array {
  return encodeWire(signaturesSchema, link.signatures);
}
