import { createMemoryJournal, entryHash, parseEntry, type MemoryJournal, type UserChain } from '@onefold/journal';
import {
  OnefoldError,
  type AppendChainRequest,
  type NamespaceId,
  type NodeSnapshot,
  type SignedEntry,
} from '@onefold/protocol';
import { deviceSigner } from '@onefold/vault';
import type { Remote } from '../../ports.ts';
import { composeRekey } from '../../sync/authority.ts';
import { skippedPages, snapshotPages } from '../../sync/checkpoint-pages.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { openNamespace, type NamespaceAccess } from '../keys/namespace-access.ts';
import { systemRandom } from '../machine/random.ts';
import { createRemote } from '../remote/remote.ts';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner } from './folder-runner.ts';

export type NamespaceEntries = NonNullable<AppendChainRequest['entries']>;

/** Above any number that a folder's engine, which cannot be asked now, may have on its way. */
const NUMBERS_LEFT_OUT = 1_000;

/**
 * Hands `send` the entries by which every namespace of the account follows `chain`: a pin to its end, and a new epoch. The engines of kept folders
 * hold still meanwhile; the journals of the other namespaces are read and checked from their genesis on. Throws what `send` throws.
 */
export async function withRekeyedNamespaces(
  context: AccountContext,
  runners: readonly FolderRunner[],
  chain: UserChain,
  send: (entries: NamespaceEntries) => Promise<void>,
): Promise<void> {
  const entries: NamespaceEntries = [];
  const take = (namespaceId: NamespaceId, its: readonly SignedEntry[]): void => {
    for (const entry of its) entries.push({ namespaceId, entry });
  };
  let work = (): Promise<void> => send(entries);
  for (const { namespaceId } of chain.namespaces) {
    const engine = runners.find((runner) => runner.folder.namespaceId === namespaceId)?.running()?.engine;
    if (engine === undefined) {
      take(namespaceId, await rekeyUnkept(context, namespaceId, chain));
      continue;
    }
    const next = work;
    work = () =>
      engine.rekey(chain, (its) => {
        take(namespaceId, its);
        return next();
      });
  }
  await work();
}

async function rekeyUnkept(
  { home, keys, session }: AccountContext,
  namespaceId: NamespaceId,
  chain: UserChain,
): Promise<SignedEntry[]> {
  const access = await openNamespace(home, keys, session, namespaceId);
  const remote = createRemote(session, namespaceId);
  const journal = createMemoryJournal({
    chain: (user) => (user === chain.user ? keys.chain() : undefined),
    userOfDevice: (device) => (keys.chain().devices.has(device) ? chain.user : undefined),
  });
  for (let head = 0; journal.head().seq < head || journal.head().seq < 0;) {
    const page = await remote.entries(journal.head().seq, Math.max(0, journal.head().seq));
    head = page.head.seq;
    if (page.reset !== undefined) {
      await goToCheckpoint(journal, remote, page.reset.seq - 1, access);
      continue;
    }
    if (page.entries.length === 0) throw new OnefoldError('server-answer-invalid', 'the journal came cut short');
    for (const entry of page.entries) await follow(journal, entry, access);
  }
  if (journal.namespaceId() !== namespaceId)
    throw new OnefoldError('journal-invalid', 'the server’s journal is of another namespace');
  const { device } = keys.secrets();
  const author = {
    device,
    deviceSeq: (journal.lastEntryOf(device)?.deviceSeq ?? 0) + NUMBERS_LEFT_OUT,
    sign: deviceSigner(keys.secrets()),
    random: (length: number) => systemRandom.bytes(length),
    keys: createKeyStore(keys, access),
  };
  const members = { members: Object.fromEntries(journal.members), devices: {}, sealedTo: {} };
  return composeRekey({ namespaceId, ...journal.head(), epoch: journal.epoch(), members }, author, chain);
}

/** Leads the journal past what is not kept; the checkpoint's entry, which comes next, judges the tree that is taken for it. */
async function goToCheckpoint(
  journal: MemoryJournal,
  remote: Remote,
  seq: number,
  access: Pick<NamespaceAccess, 'openEpoch'>,
): Promise<void> {
  if (journal.head().seq >= seq) throw new OnefoldError('server-answer-invalid', 'the server leads back');
  for await (const { positions } of skippedPages(remote, journal.head().seq, seq)) {
    for (const { hash, entry } of positions) {
      if (entry === undefined) journal.skip(hash, null);
      else if (entryHash(entry) === hash) await follow(journal, entry, access);
      else throw new OnefoldError('journal-invalid', 'an entry is another than the one the server names');
    }
  }
  const rows: NodeSnapshot[] = [];
  for await (const page of snapshotPages(remote, seq)) rows.push(...page.rows);
  journal.adopt(rows);
}

async function follow(
  journal: MemoryJournal,
  entry: SignedEntry,
  access: Pick<NamespaceAccess, 'openEpoch'>,
): Promise<void> {
  const { outcome } = journal.commit(entry);
  if (outcome !== 'accepted')
    throw new OnefoldError('journal-invalid', 'the server accepted an entry that breaks the rules');
  const parsed = parseEntry(entry);
  if (parsed.type === 'epoch') await access.openEpoch(parsed);
}
