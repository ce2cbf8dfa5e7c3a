import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import type { NodeRow, RemoteState } from '../core/tree.ts';
import { createBreather } from './breather.ts';
import { record, type Session } from './session.ts';

const CHUNK_ROWS = 1_000;

/**
 * Goes through the whole Remote tree from its top and gives every row what follows from the folders above it, in bounded transactions; then what is equal on
 * both sides is agreed on. Done again after a crash, it does the same. Answers what is quarantined.
 */
export async function markTree(session: Session): Promise<NodeId[]> {
  const { store, clock } = session.ports;
  const breathe = createBreather(clock);
  const quarantined: NodeId[] = [];
  let pending: NodeRow[] = [];
  const open = [{ node: ROOT_NODE, isHidden: false, isUnticked: false }];
  for (let above = open.pop(); above !== undefined; above = open.pop()) {
    for (const child of await store.childrenOf('remote', above.node)) {
      const breath = breathe();
      if (breath !== null) await breath;
      const remote = marked(child.remote!, above, session.unticked.has(child.node));
      if (remote.quarantined) quarantined.push(child.node);
      if (remote.kind === 'folder')
        open.push({
          node: child.node,
          isHidden: remote.hidden || remote.hiddenAbove,
          isUnticked: remote.unticked,
        });
      const row = remote === child.remote ? child : { ...child, remote };
      const next = session.rewind === null ? agreed(row) : row;
      if (next === child) continue;
      pending.push(next);
      if (pending.length < CHUNK_ROWS) continue;
      await record(session, { rows: pending });
      pending = [];
    }
  }
  if (pending.length > 0) await record(session, { rows: pending });
  return quarantined;
}

/** The state itself where nothing is to be changed. */
function marked(
  remote: RemoteState,
  above: { readonly isHidden: boolean; readonly isUnticked: boolean },
  isUntickedItself: boolean,
): RemoteState {
  const hiddenAbove = above.isHidden;
  const isAlive = !remote.hidden && !hiddenAbove;
  const unticked = isAlive && (above.isUnticked || isUntickedItself);
  // Its content is kept no more: until the entry comes that replaced it there is nothing to show; and if the one comes that deleted it, it is as deleted as any.
  const isHollow = (remote.kind === 'file' || remote.kind === 'link') && remote.content === null;
  const quarantined = isHollow ? isAlive || remote.name === null : remote.quarantined;
  const isSame =
    hiddenAbove === remote.hiddenAbove && unticked === remote.unticked && quarantined === remote.quarantined;
  return isSame ? remote : { ...remote, hiddenAbove, unticked, quarantined };
}
