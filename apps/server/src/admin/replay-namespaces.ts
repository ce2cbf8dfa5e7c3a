import { createMemoryJournal, type MemoryJournal, type UserChain } from '@onefold/journal';
import type { CtHash, DeviceId, NamespaceId, NodeId, SignedEntry, UserId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { BLOCK_STORED, PURGE_BELOW, type NamespaceTable } from '../metadata/tables.ts';
import type { Note } from './damage.ts';

const ENTRIES_PER_READ = 100;

interface Uses {
  /** Blocks some version used, with the lengths the entries gave them. */
  readonly blocks: Map<CtHash, number>;
}

/** Replays every journal from its genesis and compares what the tables hold with what comes out. */
export async function replayNamespaces(
  metadata: MetadataDatabase,
  chains: ReadonlyMap<UserId, UserChain>,
  note: Note,
): Promise<{ namespaces: number; entries: number }> {
  const users = new Map<DeviceId, UserId>();
  for (const [user, chain] of chains) for (const device of chain.devices.keys()) users.set(device, user);
  const rows = await metadata.read.selectFrom('namespace').selectAll().execute();
  let entries = 0;
  for (const row of rows) {
    const journal = createMemoryJournal({
      chain: (user) => chains.get(user),
      userOfDevice: (device) => users.get(device),
    });
    const uses: Uses = { blocks: new Map() };
    entries += await replay(metadata, row, journal, uses, note);
    await compareState(metadata, row, journal, note);
    await resolveBlocks(metadata, row, uses, note);
  }
  return { namespaces: rows.length, entries };
}

async function replay(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  uses: Uses,
  note: Note,
): Promise<number> {
  const namespace = idOf<NamespaceId>(row.namespace);
  let next = 0;
  for (;;) {
    const rows = await metadata.read
      .selectFrom('entry')
      .select(['seq', 'header', 'signature', 'body', 'prev_hash', 'hash'])
      .where('namespace', '=', row.namespace)
      .where('seq', '>=', next)
      .orderBy('seq')
      .limit(ENTRIES_PER_READ)
      .execute();
    if (rows.length === 0) break;
    for (const stored of rows) {
      if (stored.seq !== next++) {
        note('journal', `namespace ${namespace}: position ${next - 1} is missing`);
        return next;
      }
      const before = journal.head();
      const entry: SignedEntry = { header: stored.header, signature: stored.signature, body: stored.body };
      const problem = commit(journal, entry, uses);
      if (problem !== undefined) {
        note('journal', `namespace ${namespace}: entry ${stored.seq} does not stand: ${problem}`);
        return next;
      }
      const isChained = stored.seq === 0 || idOf(stored.prev_hash) === before.hash;
      if (!isChained || journal.head().hash !== idOf(stored.hash))
        note('journal', `namespace ${namespace}: the stored hashes of entry ${stored.seq} are not its hashes`);
    }
  }
  if (journal.head().seq !== row.head_seq || journal.head().hash !== idOf(row.head_hash))
    note('journal', `namespace ${namespace}: the head is not the last entry`);
  if (journal.namespaceId() !== namespace) note('journal', `namespace ${namespace}: its genesis is another's`);
  return next;
}

function commit(journal: MemoryJournal, entry: SignedEntry, uses: Uses): string | undefined {
  try {
    const result = journal.commit(entry);
    if (result.outcome !== 'accepted') return JSON.stringify(result);
    for (const { added } of result.effects.blocks)
      for (const [ctHash, length] of added) uses.blocks.set(ctHash, length);
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

async function compareState(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  note: Note,
): Promise<void> {
  const namespace = idOf<NamespaceId>(row.namespace);
  if (journal.epoch() !== row.epoch) note('state', `namespace ${namespace}: the epoch differs from the journal`);
  const nodes = await metadata.read.selectFrom('node').selectAll().where('namespace', '=', row.namespace).execute();
  if (nodes.length !== journal.nodes.size)
    note('state', `namespace ${namespace}: ${nodes.length} nodes are kept, the journal has ${journal.nodes.size}`);
  for (const stored of nodes) {
    const state = journal.nodes.get(idOf<NodeId>(stored.node));
    const isSame =
      state !== undefined &&
      state.kind === stored.kind &&
      state.parent === idOf(stored.parent) &&
      state.nameTag === idOf(stored.name_tag) &&
      state.hidden === (stored.hidden !== 0) &&
      state.placeVersion === stored.place_version &&
      state.contentVersion === stored.content_version &&
      state.attributesVersion === stored.attributes_version &&
      state.lastSeq === stored.last_seq;
    if (!isSame) note('state', `namespace ${namespace}: node ${idOf(stored.node)} differs from the journal`);
  }
  const members = await metadata.read.selectFrom('member').selectAll().where('namespace', '=', row.namespace).execute();
  const isSame =
    members.length === journal.members.size &&
    members.every((stored) => {
      const member = journal.members.get(idOf<UserId>(stored.user));
      return member?.role === stored.role && member.pin.n === stored.pin_n && member.pin.hash === idOf(stored.pin_hash);
    });
  if (!isSame) note('state', `namespace ${namespace}: the members differ from the journal`);
}

/** Every block that a kept version uses must be stored, as long as its entry says, and every file that is not purged must have its current version. */
async function resolveBlocks(metadata: MetadataDatabase, row: NamespaceTable, uses: Uses, note: Note): Promise<void> {
  const namespace = idOf<NamespaceId>(row.namespace);
  const used = await metadata.read
    .selectFrom('version_block as v')
    .leftJoin('block as b', (join) =>
      join
        .onRef('b.namespace', '=', 'v.namespace')
        .onRef('b.ct_hash', '=', 'v.ct_hash')
        .on('b.state', '=', BLOCK_STORED),
    )
    .select(['v.ct_hash', 'b.length_bytes'])
    .distinct()
    .where('v.namespace', '=', row.namespace)
    .where('v.is_added', '=', 1)
    .execute();
  for (const { ct_hash, length_bytes } of used) {
    const ctHash = idOf<CtHash>(ct_hash);
    if (length_bytes === null || length_bytes !== uses.blocks.get(ctHash))
      note('block', `namespace ${namespace}: block ${ctHash} is used and not stored`);
  }
  const versionless = await metadata.read
    .selectFrom('node as n')
    .leftJoin('file_version as f', (join) =>
      join
        .onRef('f.namespace', '=', 'n.namespace')
        .onRef('f.node', '=', 'n.node')
        .onRef('f.version', '=', 'n.content_version'),
    )
    .select('n.node')
    .where('n.namespace', '=', row.namespace)
    .where('n.content_version', '>', 0)
    .where((eb) => eb.or([eb('n.purge_state', 'is', null), eb('n.purge_state', '=', PURGE_BELOW)]))
    .where('f.version', 'is', null)
    .execute();
  for (const { node } of versionless)
    note('state', `namespace ${namespace}: the current version of node ${idOf(node)} is not kept`);
}
