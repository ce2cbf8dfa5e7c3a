import { entryHash, nextHash, parseEntry, sha256 } from '@onefold/journal';
import type { Hash, NodeSnapshot, PlacedEntry } from '@onefold/protocol';
import type { TestClient } from '../test-client.ts';
import type { Hot } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { JournalEntry, RegisterChange, ToldVersion } from './operation.ts';

type Register = 'attributes' | 'content';

/** The name of one of a node's registers. */
export function registerOf(node: string, register: Register): string {
  return `${node}/${register}`;
}

/** What an entry makes of the contents and attributes of nodes. */
export function changesOf(entry: Parameters<typeof parseEntry>[0]): RegisterChange[] {
  const parsed = parseEntry(entry);
  if (parsed.type !== 'changeset') return [];
  return parsed.body.changes.flatMap((change): RegisterChange[] => {
    const made = (register: Register, version: number, sealed: Uint8Array, blocks: readonly string[] = []) => ({
      ...{ register: registerOf(change.node, register), version, sealed: sha256(sealed), blocks },
    });
    const blocksOf = (added: readonly (readonly [string, number])[]): string[] => added.map(([block]) => block);
    switch (change.op) {
      case 'create':
        return [
          ...(change.attributes === undefined ? [] : [made('attributes', 1, change.attributes)]),
          ...(change.content === undefined
            ? []
            : [made('content', 1, change.content.sealed, blocksOf(change.content.added))]),
        ];
      case 'attributes':
        return [made('attributes', change.base + 1, change.sealed)];
      case 'content':
        return [made('content', change.base + 1, change.sealed, blocksOf(change.added))];
      default:
        return [];
    }
  });
}

/** What clients tell each other about the files they write to. */
export function learn(hot: readonly Hot[], changes: readonly RegisterChange[]): void {
  for (const { register, version } of changes)
    for (const its of hot)
      for (const name of ['attributes', 'content'] as const)
        if (registerOf(its.node, name) === register) its[name] = Math.max(its[name], version);
}

/** The registers of a snapshot's rows. */
export function registersOfRows(rows: readonly NodeSnapshot[]): Map<string, ToldVersion> {
  const registers = new Map<string, ToldVersion>();
  for (const row of rows)
    for (const name of ['attributes', 'content'] as const) {
      const its = row[name];
      if (its === null) continue;
      const sealed = its.sealed === undefined ? ('none' as Hash) : sha256(its.sealed);
      registers.set(registerOf(row.node, name), { version: its.version, seq: its.seq, sealed });
    }
  return registers;
}

/** The journal as it stands at the end, hashed anew; not whole where no node gives the rest of it, or what it gives does not chain. */
export async function readJournal(
  mostTries: number,
  cluster: Pick<Cluster, 'urls'>,
  client: TestClient,
): Promise<{ readonly journal: JournalEntry[]; readonly isWhole: boolean }> {
  let hash = client.namespace as string as Hash;
  const journal: JournalEntry[] = [{ op: 'genesis', hash, entry: hash, changes: [] }];
  const add = (placed: PlacedEntry): void => {
    const entry = entryHash(placed);
    hash = nextHash(hash, placed.seq, entry);
    journal.push({ op: sha256(placed.header), hash, entry, changes: changesOf(placed) });
  };
  for (let tries = 0; tries < mostTries;) {
    client.url = cluster.urls[tries % cluster.urls.length] ?? '';
    try {
      const { head, entries } = await client.entries(journal.length - 1);
      // What is out of its place is asked for once more: the rest is judged by a journal that is whole.
      const known = journal.length;
      for (const placed of entries) {
        if (placed.seq !== journal.length) break;
        add(placed);
      }
      if (journal.length - 1 === head.seq) return { journal, isWhole: hash === head.hash };
      if (journal.length === known) tries++;
    } catch {
      tries++;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  return { journal, isWhole: false };
}
