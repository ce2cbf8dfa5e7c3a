import type { DeviceId } from '@onefold/protocol';
import type { AccountContext } from './account-context.ts';

/** What this device is called, as far as it has heard. */
export function ownName({ account, keys }: AccountContext): string {
  return keys.deviceName(account.device) ?? account.deviceName;
}

/** What a device of the account is called; the beginning of its id where no name of it opens. */
export function nameOfDevice(context: AccountContext, device: DeviceId): string {
  if (device === context.account.device) return ownName(context);
  return context.keys.deviceName(device) ?? device.slice(0, 8);
}
