import { checkpointOf, createMemoryJournal, verifyChain, type MemoryJournal } from '@onefold/journal';
import { checkpointBodySchema, encodeWire, type CheckpointBody, type SignedEntry } from '@onefold/protocol';
import type { TestClient } from './test-client.ts';

/** The journal as a device of the account reads it, whole, through the predicate. */
export async function followJournal(client: TestClient): Promise<MemoryJournal> {
  const { user, links } = client.account;
  const chain = verifyChain(links, { user });
  const journal = createMemoryJournal({
    chain: () => chain,
    userOfDevice: (device) => (chain.devices.has(device) ? user : undefined),
  });
  for (let head = 0; journal.head().seq < head || journal.head().seq < 0;) {
    const page = await client.entries(journal.head().seq);
    head = page.head.seq;
    for (const entry of page.entries) {
      const result = journal.commit(entry);
      if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
    }
  }
  return journal;
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
