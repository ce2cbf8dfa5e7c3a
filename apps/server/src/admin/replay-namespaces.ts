import { createMemoryJournal, parseEntry, sha256, type MemoryJournal, type UserChain } from '@onefold/journal';
import type { DeviceId, Hash, NamespaceId, SignedEntry, UserId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import { entryRow, versionRows } from '../journal/write-effects.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { EntryTable, NamespaceTable } from '../metadata/tables.ts';
import { compareBlocks, compareState, compareVersions, versionKey, type Told } from './compare-tables.ts';
import { compareTree } from './compare-tree.ts';
import { orDamage, type Note } from './damage.ts';

const ENTRIES_PER_READ = 100;

/** Replays every journal from its genesis and compares what the tables hold with what comes out. */
export async function replayNamespaces(
  metadata: MetadataDatabase,
  chains: ReadonlyMap<UserId, UserChain>,
  note: Note,
): Promise<{ namespaces: number; entries: number }> {
  const users = new Map<DeviceId, UserId>();
  for (const [user, chain] of chains) for (const device of chain.devices.keys()) users.set(device, user);
  // Of a namespace that is being taken away nothing has to fit together any more.
  const rows = await metadata.read
    .selectFrom('namespace as n')
    .leftJoin('doomed_namespace as d', 'd.namespace', 'n.namespace')
    .where('d.namespace', 'is', null)
    .selectAll('n')
    .execute();
  let entries = 0;
  for (const row of rows) {
    const journal = createMemoryJournal({
      chain: (user) => chains.get(user),
      userOfDevice: (device) => users.get(device),
    });
    const told: Told = { blocks: new Map(), versions: new Map(), used: new Map() };
    const name = `namespace ${idOf(row.namespace)}`;
    entries += (await orDamage(note, name, () => replay(metadata, row, journal, told, note))) ?? 0;
    await orDamage(note, name, () => compareState(metadata, row, journal, note));
    await orDamage(note, name, () => compareTree(metadata, row, journal, note));
    await orDamage(note, name, () => compareVersions(metadata, row, told, note));
    await orDamage(note, name, () => compareBlocks(metadata, row, told, note));
  }
  return { namespaces: rows.length, entries };
}

async function replay(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  told: Told,
  note: Note,
): Promise<number> {
  const namespace = idOf<NamespaceId>(row.namespace);
  let next = 0;
  for (;;) {
    const rows = await metadata.read
      .selectFrom('entry')
      .selectAll()
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
      const before = stored.seq === 0 ? (namespace as string as Hash) : journal.head().hash;
      const problem = commit(journal, stored, told);
      if (problem !== undefined) {
        note('journal', `namespace ${namespace}: entry ${stored.seq} does not stand: ${problem}`);
        return next;
      }
      const wrong = columnsThatDiffer(stored, namespace, before, journal.head().hash);
      if (wrong.length > 0)
        note(
          'journal',
          `namespace ${namespace}: of entry ${stored.seq} these are not what it says: ${wrong.join(', ')}`,
        );
    }
  }
  if (journal.head().seq !== row.head_seq || journal.head().hash !== idOf(row.head_hash))
    note('journal', `namespace ${namespace}: the head is not the last entry`);
  if (journal.namespaceId() !== namespace) note('journal', `namespace ${namespace}: its genesis is another's`);
  return next;
}

function signedOf({ header, signature, body }: EntryTable): SignedEntry {
  return { header, signature, body };
}

function commit(journal: MemoryJournal, stored: EntryTable, told: Told): string | undefined {
  try {
    const entry = signedOf(stored);
    const result = journal.commit(entry);
    if (result.outcome !== 'accepted') return JSON.stringify(result);
    for (const { node, added, dropped } of result.effects.blocks) {
      const used = told.used.get(node) ?? new Set();
      told.used.set(node, used);
      for (const [ctHash, length] of added) {
        told.blocks.set(ctHash, length);
        used.add(ctHash);
      }
      for (const ctHash of dropped) used.delete(ctHash);
    }
    const namespace = idOf<NamespaceId>(stored.namespace);
    const said = { namespace, parsed: parseEntry(entry), seq: stored.seq, nowMs: stored.accepted_at_ms };
    for (const { sealed, ...version } of versionRows(said))
      told.versions.set(versionKey(version), { ...version, sealedHash: sha256(sealed) });
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

/** The columns of a stored entry that are not what the entry itself gives. When it was accepted stands nowhere else. */
function columnsThatDiffer(stored: EntryTable, namespace: NamespaceId, prevHash: Hash, hash: Hash): string[] {
  const parsed = parseEntry(signedOf(stored));
  const right = entryRow({ namespace, parsed, seq: stored.seq, prevHash, hash, nowMs: stored.accepted_at_ms });
  return (Object.keys(right) as (keyof EntryTable)[]).filter((column) => !isEqual(stored[column], right[column]));
}

function isEqual(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}
