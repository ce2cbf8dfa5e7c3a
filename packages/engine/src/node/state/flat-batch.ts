import { encodeCbor } from '@onefold/protocol';
import type { Batch, InFlight } from '../../ports.ts';
import type { BlockReference, NodeReferences } from '../../core/tree.ts';
import { packReferences, unpackReferences } from './packed-references.ts';
import { encodeRow } from './row-columns.ts';
import type { KnownBlock, StoredReferences } from './side-tables.ts';
import type { FlatBatch } from './state-worker.ts';

/** A Batch as values for the worker. */
export function flattenBatch(batch: Batch): FlatBatch {
  const rows = batch.rows ?? [];
  const isEmpty = (row: (typeof rows)[number]): boolean =>
    row.local === null && row.remote === null && row.synced === null;
  const singles: (readonly [string, Uint8Array | null])[] = [];
  if (batch.cursor !== undefined) singles.push(['cursor', encodeCbor(batch.cursor)]);
  if (batch.members !== undefined) singles.push(['members', encodeCbor(batch.members)]);
  if (batch.treeSum !== undefined)
    singles.push(['tree-sum', batch.treeSum === null ? null : encodeCbor(batch.treeSum)]);
  if (batch.inFlight !== undefined)
    singles.push(['in-flight', batch.inFlight === null ? null : flattenInFlight(batch.inFlight)]);
  return {
    forgetLocal: batch.forgetLocal === true,
    forgetJournal: batch.forgetJournal === true,
    rows: rows.filter((row) => !isEmpty(row)).map(encodeRow),
    removedRows: rows.filter(isEmpty).map((row) => row.node),
    references: (batch.references ?? []).map(({ node, value }) => [node, flattenReferences(value)] as const),
    blocks: (batch.blocks ?? []).map(flattenBlock),
    hashes: (batch.hashes ?? []).map(({ seq, hash }) => [seq, hash] as const),
    singles,
    intents: (batch.intents?.put ?? []).map((intent) => [intent.node, JSON.stringify(intent)] as const),
    removedIntents: batch.intents?.remove ?? [],
    diskIntents: (batch.diskIntents?.put ?? []).map((intent) => [intent.id, JSON.stringify(intent)] as const),
    removedDiskIntents: batch.diskIntents?.remove ?? [],
    attention: (batch.attention?.put ?? []).map((item) => [item.id, JSON.stringify(item)] as const),
    removedAttention: batch.attention?.remove ?? [],
    activity: (batch.activity ?? []).map((item) => JSON.stringify(item)),
    facts: Object.entries(batch.facts ?? {}),
  };
}

function flattenInFlight({ opId, entry, uploadId, nodes }: InFlight): Uint8Array {
  return encodeCbor({ opId, header: entry.header, signature: entry.signature, body: entry.body, uploadId, nodes });
}

/** The shape flattenInFlight writes. */
export type FlatInFlight = Omit<InFlight, 'entry'> & InFlight['entry'];

function flattenReferences(value: NodeReferences | null): StoredReferences | null {
  if (value === null) return null;
  return {
    hasReferences: value.references !== null,
    entries: packReferences(value.references ?? []),
    manifest: packReferences(value.manifest),
  };
}

export function reviveReferences(stored: StoredReferences | null): NodeReferences | null {
  if (stored === null) return null;
  return {
    references: stored.hasReferences ? unpackReferences(stored.entries) : null,
    manifest: unpackReferences(stored.manifest),
  };
}

function flattenBlock({ blockId, epoch, ctHash, ctLength, plainLength }: BlockReference): KnownBlock {
  return [blockId, epoch, ctHash, ctLength, plainLength];
}
