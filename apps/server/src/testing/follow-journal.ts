import { checkpointOf, createMemoryJournal, entryHash, verifyChain, type MemoryJournal } from '@onefold/journal';
import {
  checkpointBodySchema,
  encodeWire,
  skippedResponse,
  snapshotResponse,
  toHex,
  type CheckpointBody,
  type Hash,
  type NodeSnapshot,
  type SignedEntry,
} from '@onefold/protocol';
import { valueOf, type TestClient } from './test-client.ts';

/** The journal as a device of the account reads it, through the predicate: whole, or from a checkpoint on where that is all there is. */
export async function followJournal(client: TestClient): Promise<MemoryJournal> {
  const { user, links } = client.account;
  const chain = verifyChain(links, { user });
  const journal = createMemoryJournal({
    chain: () => chain,
    userOfDevice: (device) => (chain.devices.has(device) ? user : undefined),
  });
  await goOn(client, journal);
  return journal;
}

/** Reads what has come since. */
export async function goOn(client: TestClient, journal: MemoryJournal): Promise<void> {
  for (let head = Infinity; journal.head().seq < head;) {
    const page = await client.entries(journal.head().seq);
    head = page.head.seq;
    if (page.reset !== undefined) await crossGap(client, journal, page.reset.seq - 1);
    else for (const entry of page.entries) accept(journal, entry);
  }
}

async function crossGap(client: TestClient, journal: MemoryJournal, to: number): Promise<void> {
  while (journal.head().seq < to) {
    const path = client.path(`/entries/skipped?after=${journal.head().seq}&to=${to}`);
    const { hashes, kept } = valueOf(await client.call('GET', path, skippedResponse));
    const bySeq = new Map(kept.map((entry) => [entry.seq, entry]));
    for (let at = 0; at < hashes.length; at += 32) {
      const hash = toHex(hashes.subarray(at, at + 32)) as Hash;
      const entry = bySeq.get(journal.head().seq + 1);
      if (entry === undefined) journal.skip(hash, null);
      else if (entryHash(entry) !== hash) throw new Error('an entry is not the one that its hash names');
      else accept(journal, entry);
    }
  }
  journal.adopt(await readSnapshotOf(client, to));
}

export async function readSnapshotOf(client: TestClient, seq: number): Promise<NodeSnapshot[]> {
  const rows: NodeSnapshot[] = [];
  for (let after = ''; ;) {
    const path = client.path(`/snapshot?checkpoint=${seq}${after}`);
    const page = valueOf(await client.call('GET', path, snapshotResponse));
    rows.push(...page.rows);
    if (page.isLast) return rows;
    after = `&after=${page.rows.at(-1).node}`;
  }
}

function accept(journal: MemoryJournal, entry: SignedEntry): void {
  const result = journal.commit(entry);
  if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
}

/** What an honest device would say after these entries, with whatever a test wants to be wrong about it. */
export function signCheckpoint(
  client: TestClient,
  journal: MemoryJournal,
  patch: Partial<CheckpointBody> = {},
): SignedEntry {
  const root = journal.root();
  if (root === undefined) throw new Error('the tree is not known');
  const state = { head: journal.head(), epoch: journal.epoch(), root, lastEntries: journal.lastEntries() };
  const body = checkpointOf({ ...state, members: [...journal.members.values()] });
  client.head = journal.head();
  return client.signBody('checkpoint', encodeWire(checkpointBodySchema, { ...body, ...patch }), {});
}
