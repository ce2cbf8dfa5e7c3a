import { createMemoryJournal, parseEntry, sha256, type MemoryJournal, type UserChain } from '@onefold/journal';
import type { DeviceId, Hash, NamespaceId, NodeSnapshot, SignedEntry, UserId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import { treeSumOf } from '../journal/fold-nodes.ts';
import { pagesAsOf } from '../journal/read-snapshot.ts';
import { entryRow, versionRows } from '../journal/write-effects.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { EntryStubTable, EntryTable, NamespaceTable } from '../metadata/tables.ts';
import { compareBlocks, compareState, compareVersions, versionKey, type Told } from './compare-tables.ts';
import { compareTree } from './compare-tree.ts';
import { compareUses } from './compare-uses.ts';
import { orDamage, type Note } from './damage.ts';

const ENTRIES_PER_READ = 100;
const NODES_PER_READ = 500;

/** Replays every journal, from its genesis or from the checkpoint below which entries are gone, and compares what the tables hold with what comes out. */
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
    const told: Told = {
      ...{ blocks: new Map(), versions: new Map(), changes: new Map(), used: new Map() },
      ...{ gone: new Map(), sealed: new Map(), sum: await treeSumOf(metadata.read, row.namespace) },
    };
    const name = `namespace ${idOf(row.namespace)}`;
    entries += (await orDamage(note, name, () => replay(metadata, row, journal, told, note))) ?? 0;
    await orDamage(note, name, () => compareState(metadata, row, journal, note));
    await orDamage(note, name, () => compareTree(metadata, row, journal, told, note));
    await orDamage(note, name, () => compareVersions(metadata, row, told, note));
    await orDamage(note, name, () => compareBlocks(metadata, row, told, note));
    await orDamage(note, name, () => compareUses(metadata, row, told, note));
  }
  return { namespaces: rows.length, entries };
}

/** What one position of a journal holds. Both, or neither, is damage. */
interface Held {
  entry?: EntryTable;
  stub?: EntryStubTable;
}

async function replay(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  told: Told,
  note: Note,
): Promise<number> {
  const namespace = idOf<NamespaceId>(row.namespace);
  const name = `namespace ${namespace}`;
  const base = await baseOf(metadata, row);
  if (row.truncated_seq !== -1 && base === -1) {
    note('journal', `${name}: entries are gone, and no checkpoint stands for them`);
    return 0;
  }
  for (let next = 0; ;) {
    const held = await readHeld(metadata, row.namespace, next);
    if (held.size === 0) break;
    for (let last = next + ENTRIES_PER_READ; next < last && held.size > 0; next++) {
      const at = held.get(next);
      held.delete(next);
      const problem = at === undefined ? 'it is missing' : follow(journal, row, at, next <= base, told, note);
      if (problem !== undefined) {
        note('journal', `${name}: entry ${next} does not stand: ${problem}`);
        return next + 1;
      }
      if (next === base) await adoptRows(metadata, row.namespace, base, journal, told);
      if (next === told.sum?.seq) told.tree = { root: journal.root(), rows: new Map(journal.rows) };
    }
  }
  if (journal.head().seq !== row.head_seq || journal.head().hash !== idOf(row.head_hash))
    note('journal', `${name}: the head is not the last entry`);
  if (journal.namespaceId() !== namespace) note('journal', `${name}: its genesis is another's`);
  return journal.head().seq + 1;
}

/** The position as of which the tree is taken from the tables; -1 where every entry is kept. */
async function baseOf(metadata: MetadataDatabase, row: NamespaceTable): Promise<number> {
  if (row.truncated_seq < 0) return -1;
  const checkpoint = await metadata.read
    .selectFrom('checkpoint')
    .select('seq')
    .where('namespace', '=', row.namespace)
    .where('seq', '>=', row.truncated_seq)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return checkpoint?.seq ?? -1;
}

/** Some of what there is from `first` on. */
async function readHeld(metadata: MetadataDatabase, namespace: Uint8Array, first: number): Promise<Map<number, Held>> {
  const entries = await metadata.read
    .selectFrom('entry')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('seq', '>=', first)
    .orderBy('seq')
    .limit(ENTRIES_PER_READ)
    .execute();
  const stubs = await metadata.read
    .selectFrom('entry_stub')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('seq', '>=', first)
    .orderBy('seq')
    .limit(ENTRIES_PER_READ)
    .execute();
  const held = new Map<number, Held>();
  for (const entry of entries) held.set(entry.seq, { entry });
  for (const stub of stubs) held.set(stub.seq, { ...held.get(stub.seq), stub });
  return held;
}

/** Takes one position in. `isBelow`: the tree comes from a checkpoint behind it. */
function follow(
  journal: MemoryJournal,
  row: NamespaceTable,
  { entry, stub }: Held,
  isBelow: boolean,
  told: Told,
  note: Note,
): string | undefined {
  if (entry !== undefined && stub !== undefined) return 'it is kept and gone at once';
  if (stub !== undefined) return followStub(journal, row, stub, told);
  if (entry === undefined) return 'it is missing';
  const namespace = idOf<NamespaceId>(row.namespace);
  const before = entry.seq === 0 ? (namespace as string as Hash) : journal.head().hash;
  if (entry.type === 'changeset' && entry.seq <= row.truncated_seq) return 'it should be gone';
  const problem = isBelow && entry.type === 'changeset' ? passBy(journal, entry, told) : commit(journal, entry, told);
  if (problem !== undefined) return problem;
  const wrong = columnsThatDiffer(entry, namespace, before, journal.head().hash);
  if (wrong.length > 0)
    note('journal', `namespace ${namespace}: of entry ${entry.seq} these are not what it says: ${wrong.join(', ')}`);
  return undefined;
}

function followStub(journal: MemoryJournal, row: NamespaceTable, stub: EntryStubTable, told: Told): string | undefined {
  if (stub.seq > row.truncated_seq) return 'it should be kept';
  journal.skip(idOf<Hash>(stub.entry_hash), { device: idOf<DeviceId>(stub.device), deviceSeq: stub.device_seq });
  told.gone.set(stub.seq, { device: stub.device, accepted_at_ms: stub.accepted_at_ms });
  return journal.head().hash === idOf(stub.hash) ? undefined : 'what is left of it does not chain';
}

/** A changeset that is kept while the tree before it is gone: it cannot be judged. */
function passBy(journal: MemoryJournal, stored: EntryTable, told: Told): string | undefined {
  try {
    const parsed = parseEntry(signedOf(stored));
    journal.skip(parsed.hash, parsed.header);
    tellVersions(told, stored);
    told.gone.set(stored.seq, { device: stored.device, accepted_at_ms: stored.accepted_at_ms });
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

/** The entry of the checkpoint, which comes next, says whether they are the true ones. */
async function adoptRows(
  metadata: MetadataDatabase,
  namespace: Uint8Array,
  seq: number,
  journal: MemoryJournal,
  told: Told,
): Promise<void> {
  const rows: NodeSnapshot[] = [];
  for await (const page of pagesAsOf(metadata, namespace, seq, NODES_PER_READ))
    for (const { row } of page) rows.push(row);
  journal.adopt(rows);
  for (const { node, content } of rows)
    if (content?.sealedHash !== undefined)
      told.sealed.set(versionKey({ node: idBytes(node), version: content.version }), content.sealedHash);
}

function signedOf({ header, signature, body }: EntryTable): SignedEntry {
  return { header, signature, body };
}

function commit(journal: MemoryJournal, stored: EntryTable, told: Told): string | undefined {
  try {
    const entry = signedOf(stored);
    const result = journal.commit(entry);
    if (result.outcome !== 'accepted') return JSON.stringify(result);
    for (const change of result.effects.blocks) {
      const { node, added, dropped } = change;
      const changes = told.changes.get(node) ?? [];
      told.changes.set(node, changes);
      changes.push(change);
      const used = told.used.get(node) ?? new Set();
      told.used.set(node, used);
      for (const [ctHash, length] of added) {
        told.blocks.set(ctHash, length);
        used.add(ctHash);
      }
      for (const ctHash of dropped) used.delete(ctHash);
    }
    tellVersions(told, stored);
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

function tellVersions(told: Told, stored: EntryTable): void {
  const namespace = idOf<NamespaceId>(stored.namespace);
  const said = { namespace, parsed: parseEntry(signedOf(stored)), seq: stored.seq, nowMs: stored.accepted_at_ms };
  for (const { sealed, ...version } of versionRows(said))
    told.versions.set(versionKey(version), { ...version, sealedHash: sha256(sealed) });
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
