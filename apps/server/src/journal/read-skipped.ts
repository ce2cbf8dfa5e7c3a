import { setImmediate as nextTurn } from 'node:timers/promises';
import { entryHash } from '@onefold/journal';
import {
  fromHex,
  LIMITS,
  OnefoldError,
  type NamespaceHead,
  type PlacedEntry,
  type SkippedResponse,
} from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

const POSITIONS_PER_READ = 2_000;
const HASH_BYTES = 32;

/**
 * What leads from `after` to `to` without the changesets between: the hash of every entry, and those that are no changesets. As many as fit, at least one.
 * Throws `invalid-argument` for positions that are not there.
 */
export async function readSkipped(
  reader: Reader,
  head: NamespaceHead,
  after: number,
  to: number,
): Promise<SkippedResponse> {
  if (to <= after || to > head.seq) throw new OnefoldError('invalid-argument', 'there are no such positions');
  const hashes: Uint8Array[] = [];
  const kept: PlacedEntry[] = [];
  let sizeBytes = 0;
  const last = Math.min(to, after + LIMITS.skippedPerPage);
  for (let first = after + 1; first <= last && sizeBytes < LIMITS.pageBytes; first += POSITIONS_PER_READ) {
    const range = { first, last: Math.min(last, first + POSITIONS_PER_READ - 1) };
    const found = await hashesOf(reader, head, range);
    const others = await othersOf(reader, head, range);
    for (let seq = range.first; seq <= range.last; seq++) {
      const hash = found.get(seq);
      if (hash === undefined) throw new OnefoldError('internal', `position ${seq} is neither kept nor gone`);
      const other = others.get(seq);
      if (other !== undefined) {
        sizeBytes += other.body.length;
        if (sizeBytes > LIMITS.pageBytes && hashes.length > 0) break;
        kept.push(other);
      }
      hashes.push(hash);
    }
    await nextTurn();
  }
  return { hashes: Buffer.concat(hashes, hashes.length * HASH_BYTES), kept };
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** An entry becomes a stub, never the other way round: read in this order, none is missed between the two. */
async function hashesOf(reader: Reader, head: NamespaceHead, { first, last }: Range): Promise<Map<number, Uint8Array>> {
  const namespace = idBytes(head.namespaceId);
  const found = new Map<number, Uint8Array>();
  const whole = await reader
    .selectFrom('entry')
    .select(['seq', 'header', 'signature'])
    .where('namespace', '=', namespace)
    .where('seq', '>=', first)
    .where('seq', '<=', last)
    .execute();
  for (const { seq, header, signature } of whole) found.set(seq, fromHex(entryHash({ header, signature })));
  const stubs = await reader
    .selectFrom('entry_stub')
    .select(['seq', 'entry_hash'])
    .where('namespace', '=', namespace)
    .where('seq', '>=', first)
    .where('seq', '<=', last)
    .execute();
  for (const { seq, entry_hash: hash } of stubs) found.set(seq, hash);
  return found;
}

async function othersOf(
  reader: Reader,
  head: NamespaceHead,
  { first, last }: Range,
): Promise<Map<number, PlacedEntry>> {
  const rows = await reader
    .selectFrom('entry')
    .select(['seq', 'header', 'signature', 'body'])
    .where('namespace', '=', idBytes(head.namespaceId))
    .where('seq', '>=', first)
    .where('seq', '<=', last)
    .where('type', '<>', 'changeset')
    .execute();
  return new Map(rows.map((row) => [row.seq, row]));
}
