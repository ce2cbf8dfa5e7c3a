import { MIB, type MemberSecret, type SplitterSpec } from '@onefold/protocol';
import { checkSignature, invalid, type Verdict } from './check-author.ts';
import type { CheckResult, Effects } from './check-result.ts';
import type { EntryView, Membership, NeedKey, PartialView } from './entry-view.ts';
import type { ParsedEpoch, ParsedGenesis, ParsedMember, ParsedPin } from './parsed-entry.ts';
import { generationAt, isPinOf } from './user-chain.ts';

/** Entry 0: opens the namespace, with its owner as the one member. */
export function checkGenesis(entry: ParsedGenesis, view: EntryView): CheckResult {
  const { header, body } = entry;
  if (view.head().seq !== -1) return invalid('journal-invalid', 'a namespace has one genesis');
  if (header.epoch !== 0 || !isUsableSplitter(header.splitter))
    return invalid('journal-invalid', 'the genesis has no usable parameters');
  if (body.pin.user !== body.owner) return invalid('journal-invalid', 'the genesis pins another user');
  const owner: Membership = { user: body.owner, role: 'owner', pin: body.pin };
  const verdict = checkSignature(entry, body.pin, view) ?? checkSecrets(body.secrets, [owner], view);
  if (verdict !== undefined) return verdict;
  return accepted(entry, view, { member: owner, epoch: 0 });
}

/** Adds, changes or removes a member. Signed by an owner (checked before). */
export function checkMember(entry: ParsedMember, view: EntryView): CheckResult {
  const { user, role, pin, secrets } = entry.body;
  const before = view.member(user);
  const isMember = before !== undefined && before.role !== 'removed';
  if (pin.user !== user) return invalid('journal-invalid', 'the entry pins another user');
  const chain = view.chain(user, pin.n);
  if (chain === undefined || !isPinOf(chain, pin))
    return invalid('chain-invalid', 'the pinned position is not in the chain');
  if (before !== undefined && pin.n < before.pin.n) return invalid('journal-invalid', 'a pin never goes back');
  if (role === 'removed' ? !isMember || secrets.length > 0 : !isMember && secrets.length === 0) {
    return invalid('journal-invalid', 'a new member gets the secrets, a removed one none');
  }
  const member: Membership = { user, role, pin };
  const verdict = secrets.length === 0 ? undefined : checkSecrets(secrets, [member], view);
  if (verdict !== undefined) return verdict;
  const owners = view.members().filter((other) => other.user !== user && other.role === 'owner').length;
  if (role !== 'owner' && owners === 0) return invalid('forbidden', 'a namespace keeps an owner');
  return accepted(entry, view, { member });
}

/** Opens the next epoch for exactly those who are members. */
export function checkEpoch(entry: ParsedEpoch, view: EntryView): CheckResult {
  const { epoch, secrets } = entry.body;
  if (epoch !== view.epoch() + 1) return invalid('journal-invalid', 'epochs follow each other');
  return checkSecrets(secrets, view.members(), view) ?? accepted(entry, view, { epoch });
}

/** Moves a user's own pin forward. The author was checked at the new position. */
export function checkPin(entry: ParsedPin, view: EntryView): CheckResult {
  const { pin } = entry.body;
  const before = view.member(pin.user);
  if (before === undefined || view.userOfDevice(entry.header.device) !== pin.user)
    return invalid('forbidden', 'a user pins its own chain');
  if (pin.n <= before.pin.n) return invalid('journal-invalid', 'a pin never goes back');
  return accepted(entry, view, { member: { ...before, pin } });
}

/** What the checks above read beyond the author. */
export function memberNeeds(
  entry: ParsedGenesis | ParsedMember | ParsedEpoch | ParsedPin,
  known: PartialView,
): NeedKey[] {
  switch (entry.type) {
    case 'genesis':
      return [{ kind: 'chain', user: entry.body.pin.user, n: entry.body.pin.n }];
    case 'member': {
      const { user, pin } = entry.body;
      return [{ kind: 'member', user }, { kind: 'members' }, { kind: 'chain', user, n: pin.n }];
    }
    case 'epoch': {
      const members = known.has({ kind: 'members' }) ? known.members() : [];
      return [{ kind: 'members' }, ...members.map(({ user, pin }): NeedKey => ({ kind: 'chain', user, n: pin.n }))];
    }
    case 'pin':
      return [{ kind: 'member', user: entry.body.pin.user }];
  }
}

/** One secret for each of them, sealed to the user keys in force at the pinned position, and none for anybody else. */
function checkSecrets(
  secrets: readonly MemberSecret[],
  members: readonly Membership[],
  view: EntryView,
): Verdict | undefined {
  const isExact =
    secrets.length === members.length &&
    members.every(({ user, pin }) => {
      const chain = view.chain(user, pin.n);
      const secret = secrets.find((one) => one.user === user);
      return chain !== undefined && secret !== undefined && secret.generation === generationAt(chain, pin.n);
    });
  return isExact
    ? undefined
    : invalid('journal-invalid', 'secrets are sealed to each member once, under the current user keys');
}

function isUsableSplitter({ min, mean, max }: SplitterSpec): boolean {
  return min < mean && mean < max && max <= 4 * MIB;
}

function accepted(
  entry: ParsedGenesis | ParsedMember | ParsedEpoch | ParsedPin,
  view: EntryView,
  changed: Pick<Effects, 'member' | 'epoch'>,
): CheckResult {
  const { device, deviceSeq } = entry.header;
  return {
    outcome: 'accepted',
    effects: { seq: view.head().seq + 1, nodes: new Map(), blocks: [], device, deviceSeq, ...changed },
  };
}
