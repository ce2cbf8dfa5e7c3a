import { equalBytes, LIMITS, type ErrorCode, type Pin, type Role } from '@onefold/protocol';
import type { EntryView, NeedKey, PartialView } from './entry-view.ts';
import type { ParsedEntry } from './parsed-entry.ts';
import { verifyEntrySignature } from './sign-entry.ts';
import { isDeviceActive, isPinOf } from './user-chain.ts';

type LaterEntry = Exclude<ParsedEntry, { type: 'genesis' }>;

export type Verdict =
  { readonly outcome: 'behind' } | { readonly outcome: 'invalid'; readonly code: ErrorCode; readonly message: string };

export function invalid(code: ErrorCode, message: string): Verdict {
  return { outcome: 'invalid', code, message };
}

/** Roles that may write each type of entry. A reader may still say which devices it has. */
const WRITERS: Readonly<Record<LaterEntry['type'], readonly Role[]>> = {
  changeset: ['owner', 'editor'],
  epoch: ['owner', 'editor'],
  member: ['owner'],
  pin: ['owner', 'editor', 'reader'],
  // New devices believe what it says of the tree.
  checkpoint: ['owner'],
};

/** What `checkAuthor` reads, as far as it is known which. */
export function authorNeeds(entry: LaterEntry, known: PartialView): NeedKey[] {
  const { device, baseSeq } = entry.header;
  const keys: NeedKey[] = [
    { kind: 'device', device },
    { kind: 'last-entry', device },
  ];
  if (isBaseInReach(baseSeq, known)) keys.push({ kind: 'hash', seq: baseSeq });
  const user = known.has({ kind: 'device', device }) ? known.userOfDevice(device) : undefined;
  if (user === undefined) return keys;
  keys.push({ kind: 'member', user });
  const member = known.has({ kind: 'member', user }) ? known.member(user) : undefined;
  if (member !== undefined) keys.push({ kind: 'chain', user, n: authorPin(entry, member.pin).n });
  return keys;
}

/** May this device write such an entry here and now? Undefined = yes. */
export function checkAuthor(entry: LaterEntry, view: EntryView): Verdict | undefined {
  const { header } = entry;
  if (header.namespaceId !== view.namespaceId()) return invalid('journal-invalid', 'the entry is of another namespace');
  return checkDevice(entry, view) ?? checkPosition(entry, view);
}

function checkDevice(entry: LaterEntry, view: EntryView): Verdict | undefined {
  const { device } = entry.header;
  const user = view.userOfDevice(device);
  const member = user === undefined ? undefined : view.member(user);
  if (user === undefined || member === undefined) return invalid('forbidden', 'the author is no member');
  const verdict = checkSignature(entry, authorPin(entry, member.pin), view);
  if (verdict !== undefined) return verdict;
  return WRITERS[entry.type].includes(member.role)
    ? undefined
    : invalid('forbidden', `a ${member.role} may not write a ${entry.type} entry`);
}

/** Is the device one of the pinned prefix of its user's chain, not revoked there, and did it sign? */
export function checkSignature(entry: ParsedEntry, pin: Pin, view: EntryView): Verdict | undefined {
  const chain = view.chain(pin.user, pin.n);
  if (chain === undefined || !isPinOf(chain, pin))
    return invalid('chain-invalid', 'the pinned position is not in the chain');
  const device = chain.devices.get(entry.header.device);
  if (device === undefined || device.addedAt > pin.n)
    return invalid('forbidden', 'the device is not known at the pinned position');
  if (!isDeviceActive(chain, entry.header.device, pin.n)) return invalid('device-revoked', 'the device was revoked');
  if (!isSignedBy(entry, device.signingKey)) return invalid('signature-invalid', 'the signature is not of this device');
  return undefined;
}

/** `needs` asks in every round; the answer for one parsed entry and one key stays the same. */
const verifiedWith = new WeakMap<ParsedEntry, Uint8Array>();

function isSignedBy(entry: ParsedEntry, signingKey: Uint8Array): boolean {
  const known = verifiedWith.get(entry);
  if (known !== undefined && equalBytes(known, signingKey)) return true;
  const isSigned = verifyEntrySignature(entry.raw, signingKey);
  if (isSigned) verifiedWith.set(entry, signingKey);
  return isSigned;
}

/** A device added after the pinned position introduces itself: its pin entry is judged by the position it names. */
function authorPin(entry: LaterEntry, pinned: Pin): Pin {
  return entry.type === 'pin' && entry.body.pin.user === pinned.user ? entry.body.pin : pinned;
}

function checkPosition(entry: LaterEntry, view: EntryView): Verdict | undefined {
  const { device, deviceSeq, epoch, baseSeq, baseHash } = entry.header;
  const head = view.head();
  if (deviceSeq <= view.deviceSeq(device)) return invalid('device-cloned', 'the device has already used this number');
  if (epoch > view.epoch()) return invalid('journal-invalid', 'the epoch is not open yet');
  if (baseSeq > head.seq) return invalid('journal-fork', 'the author saw more than there is');
  if (!isBaseInReach(baseSeq, view)) return { outcome: 'behind' };
  if (view.hashAt(baseSeq) !== baseHash) return invalid('journal-fork', 'the author saw another history');
  if (baseSeq < view.lastSeqOfDevice(device) || epoch < view.epoch()) return { outcome: 'behind' };
  if (entry.type !== 'changeset' && baseSeq !== head.seq) return { outcome: 'behind' };
  return undefined;
}

function isBaseInReach(baseSeq: number, view: EntryView): boolean {
  const { seq } = view.head();
  return baseSeq <= seq && seq - baseSeq <= LIMITS.baseAgeEntries;
}
