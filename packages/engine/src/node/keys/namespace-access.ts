import { parseEntry, type ParsedEpoch } from '@onefold/journal';
import { OnefoldError, type NamespaceId, type SplitterSpec } from '@onefold/protocol';
import {
  composeNextEpoch,
  createNamespace,
  deriveNamespaceKeys,
  openEpochSecrets,
  openNamespaceName,
  openNamespaceSecrets,
  type NamespaceKeys,
} from '@onefold/vault';
import type { KeyStore } from '../../ports.ts';
import type { Home, StoredNamespace } from '../daemon/home.ts';
import { createRemote } from '../remote/remote.ts';
import type { Session } from '../remote/session.ts';
import type { AccountKeys } from './account-keys.ts';

/** Another device may append to the chain between our look and our link. */
const ATTEMPTS = 5;

/** The keys of one namespace, as they grow with its epochs. */
export interface NamespaceAccess {
  /** Of this moment: a new epoch is in use at once. */
  keys(): NamespaceKeys;
  readonly splitter: SplitterSpec;
  /** Opens an epoch's secret and keeps it in the home. Throws `seal-corrupt`, or `key-missing` while the user keys are not to be had. */
  openEpoch(entry: ParsedEpoch): Promise<void>;
  /** The body of an epoch to follow `epoch`. Throws `key-missing` when that is not the newest one here. */
  nextEpoch: KeyStore['nextEpoch'];
}

/** Id of the account's own namespace, as the chain pins it. */
export function ownNamespace(account: AccountKeys): NamespaceId {
  const own = account.chain().namespaces.find((pinned) => pinned.use === 'own');
  if (own === undefined) throw new OnefoldError('chain-invalid', 'the account has no namespace of its own');
  return own.namespaceId;
}

/**
 * The keys of one of the account's namespaces: from the home, else opened from its genesis and kept there. The server's genesis is believed
 * only because the account's own chain pins its hash.
 */
export async function openNamespace(
  home: Home,
  account: AccountKeys,
  session: Session,
  namespaceId: NamespaceId,
): Promise<NamespaceAccess> {
  const stored = await home.readNamespace(namespaceId);
  if (stored !== null) return createAccess(home, account, stored);
  const { entries } = await createRemote(session, namespaceId).entries(-1, 0);
  const first = entries[0];
  const genesis = first?.seq === 0 ? parseEntry(first) : null;
  if (genesis?.type !== 'genesis' || (genesis.hash as string) !== namespaceId) {
    throw new OnefoldError('journal-invalid', 'the server’s first entry is not the genesis of this namespace');
  }
  const secrets = await openNamespaceSecrets(account.secrets(), account.chain(), genesis);
  const { splitter } = genesis.header;
  await home.writeNamespace({ secrets, splitter });
  return createAccess(home, account, { secrets, splitter });
}

function createAccess(
  home: Home,
  account: AccountKeys,
  { secrets: first, splitter }: StoredNamespace,
): NamespaceAccess {
  let secrets = first;
  let keys = deriveNamespaceKeys(secrets);
  return {
    keys: () => keys,
    splitter,
    async openEpoch(entry) {
      if (secrets.epochs.has(entry.body.epoch)) return;
      const own = entry.body.secrets.find(({ user }) => user === account.secrets().user);
      if (own !== undefined && account.secrets().generations.every(({ generation }) => generation !== own.generation))
        await account.refresh();
      const opened = await openEpochSecrets(account.secrets(), secrets, entry);
      await home.writeNamespace({ secrets: opened, splitter });
      secrets = opened;
      keys = deriveNamespaceKeys(secrets);
    },
    nextEpoch(epoch, members) {
      if (keys.currentEpoch !== epoch) throw new OnefoldError('key-missing', 'the secret of this epoch is not here');
      return composeNextEpoch(secrets, members);
    },
  };
}

/** The account's namespace of that name, as far as the chain held tells; null if there is none. */
async function findNamed(account: AccountKeys, name: string): Promise<NamespaceId | null> {
  for (const pinned of account.chain().namespaces) {
    if (pinned.use !== 'named') continue;
    if ((await openNamespaceName(account.secrets(), pinned).catch(() => null)) === name) return pinned.namespaceId;
  }
  return null;
}

/** Name of a namespace for people; empty for the account's own. */
export async function namespaceName(account: AccountKeys, namespaceId: NamespaceId): Promise<string> {
  const pinned = account.chain().namespaces.find((candidate) => candidate.namespaceId === namespaceId);
  if (pinned === undefined || pinned.use === 'own') return '';
  return openNamespaceName(account.secrets(), pinned).catch(() => namespaceId.slice(0, 8));
}

/** Finds the account's namespace of that name, or makes it. Two devices that make one at once end up with one: the chain decides. */
export async function findOrCreateNamespace(
  home: Home,
  account: AccountKeys,
  session: Session,
  name: string,
): Promise<NamespaceId> {
  const known = await findNamed(account, name);
  if (known !== null) return known;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await account.refresh();
    const found = await findNamed(account, name);
    if (found !== null) return found;
    const made = await createNamespace({ secrets: account.secrets(), chain: account.chain(), name });
    // Kept before the server hears of it: were the answer lost, the next try finds the link in the chain and the keys here.
    await home.writeNamespace({ secrets: made.secrets, splitter: splitterOf(made.genesis) });
    try {
      await session.appendChain({ links: [made.link], genesis: made.genesis });
    } catch (error) {
      if (error instanceof OnefoldError && error.code === 'chain-conflict') continue;
      throw error;
    }
    await account.appended([made.link]);
    return made.namespaceId;
  }
  throw new OnefoldError('chain-conflict', 'the account changed too often at once');
}

function splitterOf(genesis: Parameters<typeof parseEntry>[0]): SplitterSpec {
  const parsed = parseEntry(genesis);
  if (parsed.type !== 'genesis') throw new OnefoldError('internal', 'a namespace begins with a genesis');
  return parsed.header.splitter;
}
