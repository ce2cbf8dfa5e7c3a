import type { KeyStore } from '../../ports.ts';
import type { AccountKeys } from './account-keys.ts';

/** The KeyStore port over the account's keys. */
export function createKeyStore(account: AccountKeys): KeyStore {
  return {
    chain: (user, atLeast) =>
      user === account.secrets().user ? account.chainOfLength(atLeast + 1) : account.chainOfUser(user, atLeast + 1),
    deviceName: (device) => account.deviceName(device),
  };
}
