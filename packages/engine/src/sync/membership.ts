import type { LastEntries, Membership, NeedKey, ViewCache } from '@onefold/journal';
import type { DeviceId, Pin, UserId } from '@onefold/protocol';
import type { KeyStore } from '../ports.ts';

/** Who may write here and what each device wrote last, as the journal tells it. Kept as one small JSON value. */
export interface Members {
  readonly members: Record<UserId, Membership>;
  readonly devices: Record<DeviceId, { readonly user: UserId; readonly deviceSeq: number; readonly seq: number }>;
  /** Generation of each member's user keys that the current epoch's secret is sealed to. */
  readonly sealedTo: Record<UserId, number>;
  /** Position of the last checkpoint entry. */
  readonly checkpointSeq?: number;
  /** Entries were passed by: of `devices` there may be later ones, until a checkpoint tells. */
  readonly isGapped?: boolean;
}

export function parseMembers(json: string | null): Members {
  const none: Members = { members: {}, devices: {}, sealedTo: {} };
  return json === null ? none : { ...none, ...(JSON.parse(json) as Partial<Members>) };
}

/** The user a device belongs to: one that wrote before, or one in the chain of a member or of the entry's own pin. */
export async function userOfDevice(
  members: Members,
  keys: KeyStore,
  device: DeviceId,
  pinned: Pin | null,
): Promise<UserId | undefined> {
  const known = members.devices[device];
  if (known !== undefined) return known.user;
  for (const member of Object.values(members.members)) {
    const isPinned = pinned?.user === member.user;
    const chain = await keys.chain(member.user, isPinned ? Math.max(pinned.n, member.pin.n) : member.pin.n);
    if (chain.devices.has(device)) return member.user;
  }
  if (pinned !== null && members.members[pinned.user] === undefined) {
    const chain = await keys.chain(pinned.user, pinned.n);
    if (chain.devices.has(device)) return pinned.user;
  }
  return undefined;
}

export function lastEntriesOf({ devices, isGapped }: Members): LastEntries {
  const entries = Object.entries(devices).map(([device, { deviceSeq, seq }]) => ({
    device: device as DeviceId,
    deviceSeq,
    seq,
  }));
  return { isWhole: isGapped !== true, entries };
}

/** Answers the keys that are about people. False: the key is about the tree. */
export async function loadMemberKey(
  view: ViewCache,
  members: Members,
  keys: KeyStore,
  key: NeedKey,
  pinned: Pin | null,
): Promise<boolean> {
  switch (key.kind) {
    case 'member':
      view.put(key, members.members[key.user]);
      return true;
    case 'members':
      view.put(
        key,
        Object.values(members.members).filter((member) => member.role !== 'removed'),
      );
      return true;
    case 'device':
      view.put(key, await userOfDevice(members, keys, key.device, pinned));
      return true;
    case 'last-entry':
      view.put(key, members.devices[key.device]);
      return true;
    case 'last-entries':
      view.put(key, lastEntriesOf(members));
      return true;
    case 'chain':
      view.put(key, await keys.chain(key.user, key.n));
      return true;
    default:
      return false;
  }
}
