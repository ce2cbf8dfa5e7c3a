import type { CheckpointBody } from '@onefold/protocol';
import { invalid, type Verdict } from './check-author.ts';
import type { CheckResult } from './check-result.ts';
import type { EntryView, LastEntries, LastEntry, Membership, NeedKey, TreeRoot } from './entry-view.ts';
import type { ParsedCheckpoint } from './parsed-entry.ts';

/** Says what the state is after the entry before it: whoever knows that state checks every word. The author has been checked, and that its base is the head. */
export function checkCheckpoint(entry: ParsedCheckpoint, view: EntryView): CheckResult {
  const { body, header } = entry;
  const { seq, hash } = view.head();
  if (body.seq !== seq || body.hash !== hash)
    return invalid('journal-invalid', 'a checkpoint speaks of the position before it');
  if (body.epoch !== view.epoch()) return invalid('journal-invalid', 'the epoch of a checkpoint is the one in force');
  const verdict =
    checkMembers(body, view.members()) ?? checkDevices(body, view.lastEntries()) ?? checkRoot(body, view.root());
  if (verdict !== undefined) return verdict;
  const { device, deviceSeq } = header;
  return { outcome: 'accepted', effects: { seq: seq + 1, nodes: new Map(), blocks: [], device, deviceSeq } };
}

export const CHECKPOINT_NEEDS: readonly NeedKey[] = [{ kind: 'members' }, { kind: 'last-entries' }, { kind: 'root' }];

function checkMembers({ members }: CheckpointBody, known: readonly Membership[]): Verdict | undefined {
  const right = membersOf(known);
  const isSame =
    members.length === right.length &&
    members.every(({ user, role, pin }, i) => {
      const other = right[i];
      return (
        other?.user === user &&
        other.role === role &&
        other.pin.user === pin.user &&
        other.pin.n === pin.n &&
        other.pin.hash === pin.hash
      );
    });
  return isSame ? undefined : invalid('journal-invalid', 'a checkpoint names other members than there are');
}

/** Over a gap only some entries are known of each device: those in the checkpoint are these or later ones. */
function checkDevices({ devices, seq }: CheckpointBody, known: LastEntries): Verdict | undefined {
  const wrong = invalid('journal-invalid', 'a checkpoint names other last entries than there are');
  const isAscending = devices.every(([device], i) => i === 0 || devices[i - 1]![0] < device);
  if (!isAscending) return wrong;
  const said = new Map(devices.map(([device, deviceSeq, at]) => [device, { deviceSeq, at }]));
  if (known.isWhole && said.size !== known.entries.length) return wrong;
  const isRight = known.entries.every(({ device, deviceSeq, seq: at }) => {
    const its = said.get(device);
    if (its === undefined) return false;
    return known.isWhole ? its.deviceSeq === deviceSeq && its.at === at : its.deviceSeq >= deviceSeq && its.at >= at;
  });
  return isRight && devices.every(([, , at]) => at <= seq) ? undefined : wrong;
}

/** Undefined: whoever asks does not know the tree, and believes nothing of it either. */
function checkRoot({ nodes, nodesRoot }: CheckpointBody, root: TreeRoot | undefined): Verdict | undefined {
  if (root === undefined || (root.count === nodes && root.hash === nodesRoot)) return undefined;
  return invalid('journal-invalid', 'a checkpoint names another tree than there is');
}

/** What an honest device says in its next entry. */
export function checkpointOf(state: {
  readonly head: { readonly seq: number; readonly hash: CheckpointBody['hash'] };
  readonly epoch: number;
  readonly members: readonly Membership[];
  readonly lastEntries: readonly LastEntry[];
  readonly root: TreeRoot;
}): CheckpointBody {
  const { head, epoch, members, lastEntries, root } = state;
  return {
    seq: head.seq,
    hash: head.hash,
    epoch,
    members: membersOf(members),
    devices: [...lastEntries]
      .sort((a, b) => (a.device < b.device ? -1 : 1))
      .map(({ device, deviceSeq, seq }) => [device, deviceSeq, seq]),
    nodes: root.count,
    nodesRoot: root.hash,
  };
}

function membersOf(members: readonly Membership[]): CheckpointBody['members'] {
  return members
    .filter(({ role }) => role !== 'removed')
    .map(({ user, role, pin }) => ({ user, role, pin: { user: pin.user, n: pin.n, hash: pin.hash } }))
    .sort((a, b) => (a.user < b.user ? -1 : 1));
}
