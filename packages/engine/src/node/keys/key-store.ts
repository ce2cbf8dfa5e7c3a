import type { KeyStore } from '../../ports.ts';
import type { AccountKeys } from './account-keys.ts';
import type { NamespaceAccess } from './namespace-access.ts';

/** The KeyStore port over the account's keys and those of one namespace. */
export function createKeyStore(account: AccountKeys, namespace: NamespaceAccess): KeyStore {
  return {
    chain: (user, atLeast) =>
      user === account.secrets().user ? account.chainOfLength(atLeast + 1) : account.chainOfUser(user, atLeast + 1),
    openEpoch: (entry) => namespace.openEpoch(entry),
    nextEpoch: (epoch, members) => namespace.nextEpoch(epoch, members),
    deviceName: (device) => account.deviceName(device),
  };
}
