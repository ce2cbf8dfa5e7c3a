import { parseEntry } from '@onefold/journal';
import { OnefoldError, type NamespaceId, type SplitterSpec } from '@onefold/protocol';
import {
  createNamespace,
  deriveNamespaceKeys,
  openNamespaceName,
  openNamespaceSecrets,
  type NamespaceKeys,
} from '@onefold/vault';
import type { Home } from '../daemon/home.ts';
import { createRemote } from '../remote/remote.ts';
import type { Session } from '../remote/session.ts';
import type { AccountKeys } from './account-keys.ts';

/** Another device may append to the chain between our look and our link. */
const ATTEMPTS = 5;

export interface NamespaceAccess {
  readonly keys: NamespaceKeys;
  readonly splitter: SplitterSpec;
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
  if (stored !== null) return { keys: deriveNamespaceKeys(stored.secrets), splitter: stored.splitter };
  const { entries } = await createRemote(session, namespaceId).entries(-1, 0);
  const first = entries[0];
  const genesis = first?.seq === 0 ? parseEntry(first) : null;
  if (genesis?.type !== 'genesis' || (genesis.hash as string) !== namespaceId) {
    throw new OnefoldError('journal-invalid', 'the server’s first entry is not the genesis of this namespace');
  }
  const secrets = await openNamespaceSecrets(account.secrets(), account.chain(), genesis);
  const { splitter } = genesis.header;
  await home.writeNamespace({ secrets, splitter });
  return { keys: deriveNamespaceKeys(secrets), splitter };
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
