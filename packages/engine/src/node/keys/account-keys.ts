import { extendChain, verifyChain, type UserChain } from '@onefold/journal';
import { OnefoldError, type AccountResponse, type DeviceId, type SignedLink, type UserId } from '@onefold/protocol';
import { isOwnChain, openDeviceName, openNewGenerations, type DeviceSecrets } from '@onefold/vault';
import type { Home } from '../daemon/home.ts';
import type { Session } from '../remote/session.ts';

/*
 * The account's own chain and the secrets it leads to.
 *
 *   stored --(verified again from its pinned root at every start)--> held --(the server's new links)--> longer, stored, held
 *
 * A chain only ever grows: one that the server shortens or forks is refused, and the one held stays.
 */
export interface AccountKeys {
  secrets(): DeviceSecrets;
  chain(): UserChain;
  /** Asks the server for what came after. Answers what it said besides. Throws `chain-invalid`. */
  refresh(): Promise<AccountResponse>;
  /** The own chain, at least `length` links long. */
  chainOfLength(length: number): Promise<UserChain>;
  /** The verified chain of another user, at least `length` links long. */
  chainOfUser(user: UserId, length: number): Promise<UserChain>;
  deviceName(device: DeviceId): string | null;
  /** Takes over links this device has just appended to the server's chain. */
  appended(links: readonly SignedLink[]): Promise<void>;
}

export async function openAccountKeys(home: Home, session: Session): Promise<AccountKeys> {
  let secrets = await home.readSecrets();
  let links = await home.readLinks();
  let chain = verifyChain(links, { user: secrets.user, rootHash: secrets.rootHash });
  const others = new Map<UserId, UserChain>();
  const names = new Map<DeviceId, string>();
  let refreshing: Promise<AccountResponse> | null = null;

  async function openNames(): Promise<void> {
    for (const [device, known] of chain.devices) {
      if (names.has(device)) continue;
      const name = await openDeviceName(secrets, device, known).catch(() => null);
      if (name !== null) names.set(device, name);
    }
  }
  await openNames();

  async function take(more: readonly SignedLink[]): Promise<void> {
    if (more.length === 0) return;
    chain = extendChain(chain, more);
    links = [...links, ...more];
    await home.writeLinks(links);
    await openNames();
  }

  async function ask(): Promise<AccountResponse> {
    const account = await session.account(chain.length - 1);
    if (account.user !== secrets.user || account.chainLength < chain.length) {
      throw new OnefoldError('chain-invalid', 'the server’s chain of this account is shorter than it was');
    }
    await take(account.links);
    if (!isOwnChain(secrets, chain)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
    if (chain.generations.size > secrets.generations.length) {
      secrets = await openNewGenerations(secrets, chain, account.boxes);
      await home.writeSecrets(secrets);
      await openNames();
    }
    return account;
  }

  function refresh(): Promise<AccountResponse> {
    return (refreshing ??= ask().finally(() => (refreshing = null)));
  }

  return {
    secrets: () => secrets,
    chain: () => chain,
    refresh,
    async chainOfLength(length) {
      if (chain.length < length) await refresh();
      if (chain.length < length) throw new OnefoldError('key-missing', 'the server lacks links of this account');
      return chain;
    },
    async chainOfUser(user, length) {
      const held = others.get(user);
      if (held !== undefined && held.length >= length) return held;
      const found = verifyChain(await session.userChain(user), { user });
      const isExtension = held === undefined || found.hashes[held.length - 1] === held.hash;
      if (!isExtension) throw new OnefoldError('chain-invalid', 'the chain of a member is not the one it was');
      if (found.length < length) throw new OnefoldError('key-missing', 'the server lacks links of a member');
      others.set(user, found);
      return found;
    },
    deviceName: (device) => names.get(device) ?? null,
    appended: take,
  };
}
