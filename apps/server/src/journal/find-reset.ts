import { OnefoldError, type EntriesResponse, type NamespaceHead, type PlacedEntry } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

/**
 * Where a reader goes on for whom entries behind `after` are gone; undefined when none are. Whoever has seen nothing gets the genesis along: it opens the keys.
 * Throws `server-error` when the head that was read is of before the checkpoint.
 */
export async function findReset(
  reader: Reader,
  head: NamespaceHead,
  after: number,
): Promise<EntriesResponse | undefined> {
  const namespace = idBytes(head.namespaceId);
  const row = await reader
    .selectFrom('namespace')
    .select('truncated_seq')
    .where('namespace', '=', namespace)
    .executeTakeFirst();
  if (row === undefined || after >= row.truncated_seq) return undefined;
  const checkpoint = await reader
    .selectFrom('checkpoint')
    .select((eb) => [eb.fn.max('entry_seq').as('newest'), eb.fn.min('entry_seq').as('oldest')])
    .where('namespace', '=', namespace)
    .where('seq', '>=', row.truncated_seq)
    .where('entry_seq', '<=', head.seq)
    .executeTakeFirstOrThrow();
  // An aggregate of no rows is null, whatever its type says.
  const { newest, oldest } = checkpoint as { readonly newest: number | null; readonly oldest: number | null };
  if (newest === null || oldest === null)
    throw new OnefoldError('server-error', 'the journal was cut while it was read: ask again');
  const entries = after === -1 ? await genesisOf(reader, namespace) : [];
  return { head, entries, reset: { seq: newest, wholeFrom: oldest } };
}

function genesisOf(reader: Reader, namespace: Uint8Array): Promise<PlacedEntry[]> {
  return reader
    .selectFrom('entry')
    .select(['seq', 'header', 'signature', 'body'])
    .where('namespace', '=', namespace)
    .where('seq', '=', 0)
    .execute();
}
