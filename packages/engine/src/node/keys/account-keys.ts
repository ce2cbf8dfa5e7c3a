import { extendChain, linkHash, parseLink, verifyChain, type UserChain } from '@onefold/journal';
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
  /** Takes over links this device has just appended to the server's chain, and the user keys it has opened with them. */
  appended(links: readonly SignedLink[], secrets?: DeviceSecrets): Promise<void>;
}

export async function openAccountKeys(home: Home, session: Session): Promise<AccountKeys> {
  let secrets = await home.readSecrets();
  let links = await home.readLinks();
  let chain = verifyChain(links, { user: secrets.user, rootHash: secrets.rootHash });
  const others = new Map<UserId, UserChain>();
  /** By device: the sealed name, and what it says. */
  const names = new Map<DeviceId, { readonly sealed: Uint8Array; readonly name: string }>();
  let refreshing: Promise<AccountResponse> | null = null;

  async function openNames(): Promise<void> {
    for (const [device, known] of chain.devices) {
      if (names.get(device)?.sealed === known.sealedName) continue;
      const name = await openDeviceName(secrets, device, known).catch(() => null);
      if (name !== null) names.set(device, { sealed: known.sealedName, name });
    }
  }
  await openNames();

  /** Links from position `fromN` on. Some may have come by another way meanwhile: they must be the same. */
  async function take(fromN: number, from: readonly SignedLink[]): Promise<void> {
    const known = chain.length - fromN;
    const isSame = from.slice(0, known).every((link, i) => linkHash(link) === chain.hashes[fromN + i]);
    if (!isSame) throw new OnefoldError('chain-invalid', 'the server’s chain of this account is another than it was');
    const more = from.slice(known);
    if (more.length === 0) return;
    chain = extendChain(chain, more);
    links = [...links, ...more];
    await home.writeLinks(links);
    await openNames();
  }

  async function ask(): Promise<AccountResponse> {
    const fromN = chain.length;
    const account = await session.account(fromN - 1);
    if (account.user !== secrets.user || account.chainLength < fromN) {
      throw new OnefoldError('chain-invalid', 'the server’s chain of this account is shorter than it was');
    }
    await take(fromN, account.links);
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
    deviceName: (device) => names.get(device)?.name ?? null,
    async appended(more, opened) {
      if (opened !== undefined && opened.generations.length > secrets.generations.length) {
        secrets = opened;
        await home.writeSecrets(secrets);
      }
      const [first] = more;
      if (first !== undefined) await take(parseLink(first).n, more);
    },
  };
}
