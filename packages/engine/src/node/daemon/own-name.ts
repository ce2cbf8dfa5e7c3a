import type { AccountContext } from './account-context.ts';

/** What this device is called, as far as it has heard. */
export function ownName({ account, keys }: AccountContext): string {
  return keys.deviceName(account.device) ?? account.deviceName;
}
