import { isDeviceActive } from '@onefold/journal';
import { OnefoldError, type DeviceId } from '@onefold/protocol';
import { countersignDevice, renameDevice, rotateUserKeys } from '@onefold/vault';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import { withRekeyedNamespaces } from './rekey-namespaces.ts';
import type { DeviceStatus } from './shapes.ts';

/** The chain or a journal may grow between our look and our word. */
const ATTEMPTS = 20;

export async function listDevices(context: AccountContext, isInStep: boolean): Promise<DeviceStatus[]> {
  const { keys, account } = context;
  const seen = await keys.refresh().catch(() => null);
  const chain = keys.chain();
  return [...chain.devices]
    .filter(([device]) => isDeviceActive(chain, device, chain.length - 1))
    .map(([device, { verified }]): DeviceStatus => {
      const here = device === account.device;
      const known = seen?.devices.find((one) => one.device === device);
      return {
        id: device,
        name: nameOfDevice(context, device),
        here,
        online: known?.online ?? null,
        lastInStepAtMs: here && isInStep ? Date.now() : (known?.inStepMs ?? null),
        lastSeenAtMs: known?.lastSeenMs ?? null,
        verified,
      };
    });
}

/** Names a device for everyone in the account. Throws `not-found`, or what the server says. */
export async function nameDevice(context: AccountContext, device: string, name: string): Promise<void> {
  const { keys, session } = context;
  await untilTaken(context, async () => {
    const link = await renameDevice({
      secrets: keys.secrets(),
      chain: keys.chain(),
      device: idOf(context, device),
      name,
    });
    await session.appendChain({ links: [link] });
    await keys.appended([link]);
  });
}

/** Counts a device that came by password as one of the account's verified ones. Throws as nameDevice, `forbidden` when this one is none itself. */
export async function verifyDevice(context: AccountContext, device: string): Promise<void> {
  const { keys, session, account } = context;
  await untilTaken(context, async () => {
    const chain = keys.chain();
    const id = idOf(context, device);
    if (id === account.device || chain.devices.get(account.device)?.verified !== true)
      throw new OnefoldError('forbidden', 'only a verified device vouches for another one');
    if (chain.devices.get(id)?.verified === true) return;
    const link = countersignDevice({ secrets: keys.secrets(), chain, device: id });
    await session.appendChain({ links: [link] });
    await keys.appended([link]);
  });
}

/**
 * Removes a device from the account: link, new user keys, pins and new epochs of every namespace in one transaction of the server. Nothing is
 * sealed or sent anew. Throws `not-found`, `invalid-argument` for this device, or what the server says.
 */
export async function revokeDevice(
  context: AccountContext,
  runners: readonly FolderRunner[],
  device: string,
): Promise<void> {
  const { keys, session } = context;
  let wasSent = false;
  await untilTaken(context, async () => {
    if (wasSent && keys.chain().devices.get(device as DeviceId)?.revokedAt !== undefined) return;
    const revoke = idOf(context, device);
    const rotation = await rotateUserKeys({ secrets: keys.secrets(), chain: keys.chain(), revoke });
    await withRekeyedNamespaces(context, runners, rotation.chain, async (entries) => {
      wasSent = true;
      await session.appendChain({ links: [...rotation.links], boxes: [...rotation.boxes], entries });
      await keys.appended(rotation.links, rotation.secrets);
    });
  });
}

/** Tries on the newest chain until no other device was faster. */
export async function untilTaken({ keys }: AccountContext, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await keys.refresh();
    try {
      return await work();
    } catch (thrown) {
      const isLostRace =
        thrown instanceof OnefoldError && (thrown.code === 'chain-conflict' || thrown.code === 'behind');
      if (!isLostRace || attempt >= ATTEMPTS) throw thrown;
    }
  }
}

/** An active device of the account. Throws `not-found`. */
function idOf({ keys }: AccountContext, text: string): DeviceId {
  const chain = keys.chain();
  const device = text as DeviceId;
  if (!isDeviceActive(chain, device, chain.length - 1))
    throw new OnefoldError('not-found', 'the account has no such device');
  return device;
}
