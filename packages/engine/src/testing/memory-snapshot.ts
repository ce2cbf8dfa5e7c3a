import { checkpointOf, entryHash, parseEntry, sha256, signEntry, type MemoryJournal } from '@onefold/journal';
import {
  checkpointBodySchema,
  concatBytes,
  encodeWire,
  fromHex,
  OnefoldError,
  type NamespaceId,
  type NodeId,
  type NodeSnapshot,
  type OpId,
  type SignedEntry,
  type SkippedResponse,
  type SnapshotResponse,
} from '@onefold/protocol';
import type { AccountDevice } from './memory-account.ts';

/* What the model server has for devices whose entries are gone. It keeps them all itself, and only does not give them out. */

/** What an honest device says after these entries. */
export function signCheckpoint(
  { device, sign }: AccountDevice,
  namespaceId: NamespaceId,
  journal: MemoryJournal,
): SignedEntry {
  const root = journal.root();
  if (root === undefined) throw new Error('the tree is not known');
  const head = journal.head();
  const state = { head, epoch: journal.epoch(), root, lastEntries: journal.lastEntries() };
  const body = encodeWire(checkpointBodySchema, checkpointOf({ ...state, members: [...journal.members.values()] }));
  const header = {
    format: 1,
    type: 'checkpoint',
    namespaceId,
    epoch: journal.epoch(),
    device,
    deviceSeq: (journal.lastEntryOf(device)?.deviceSeq ?? 0) + 1,
    baseSeq: head.seq,
    baseHash: head.hash,
    opId: sha256(body).slice(0, 32) as OpId,
    changesHash: sha256(body),
  } as const;
  return signEntry(sign, header, body);
}

export function skippedOf({ entries }: MemoryJournal, after: number, to: number): SkippedResponse {
  const some = entries.slice(after + 1, to + 1);
  return {
    hashes: concatBytes(...some.map((entry) => fromHex(entryHash(entry)))),
    kept: some
      .map((entry, i) => ({ seq: after + 1 + i, ...entry }))
      .filter((entry) => parseEntry(entry).type !== 'changeset'),
  };
}

/** `keptFrom`: the oldest version of each node that is not purged. */
export function snapshotOf(
  base: { readonly seq: number; readonly rows: readonly NodeSnapshot[] },
  seq: number,
  after: NodeId | null,
  limit: number,
  keptFrom: ReadonlyMap<NodeId, number>,
): SnapshotResponse {
  if (seq !== base.seq) throw new OnefoldError('behind', 'this checkpoint is not kept');
  const behind = base.rows.filter(({ node }) => after === null || node > after);
  const rows = behind.slice(0, limit).map((row): NodeSnapshot => {
    if (row.content?.sealed === undefined || row.content.version >= (keptFrom.get(row.node) ?? 1)) return row;
    const { sealed, ...content } = row.content;
    return { ...row, content: { ...content, sealedHash: sha256(sealed) } };
  });
  return { rows, isLast: behind.length <= limit };
}
