import type { Change, NodeId } from '@onefold/protocol';
import { attributesToSend } from '../core/decide.ts';
import { unseenAfter } from '../core/overlook.ts';
import { sameAttributes } from '../core/settled.ts';
import type { NodeReferences } from '../core/tree.ts';
import type { Sealing } from '../ports.ts';
import { blockDifference } from './draft.ts';
import type { ReadyUnit } from './travelling.ts';

/**
 * The changes of one node, sealed under the versions they will have. In the order the predicate wants: a node is placed before its other
 * registers are touched. None when it turned out that the journal already says all of it.
 */
export function changesOf(
  sealing: Sealing,
  unit: ReadyUnit,
  epoch: number,
  references: NodeReferences | null,
  mayBeLost: boolean,
): Change[] {
  const { row, operation } = unit;
  const { node, local, remote } = row;
  if (operation.place === 'hide') {
    if (remote?.name == null) return [];
    const { parent, nameTag, placeVersion: base } = remote;
    const sealed = sealing.sealPlace({ node, version: base + 1, epoch }, remote.name);
    return [{ op: 'place', node, base, parent, nameTag, hidden: true, sealed }];
  }
  if (local === null) return [];
  if (operation.place === 'create') return [createChange(sealing, unit, epoch)];
  if (remote === null) return [];
  const changes: Change[] = [];
  if (operation.place === 'place') {
    const base = remote.placeVersion;
    const name = operation.as ?? local.name;
    const sealed = sealing.sealPlace({ node, version: base + 1, epoch }, name);
    const nameTag = sealing.nameTag(local.parent, name);
    changes.push({ op: 'place', node, base, parent: local.parent, nameTag, hidden: false, sealed });
  }
  const content = unit.content?.sealed;
  if (content != null) {
    const base = remote.contentVersion;
    const unseen = unseenAfter(row, mayBeLost);
    const said = unseen.length === 0 ? content : { ...content, unseen };
    const sealed = sealing.sealContent({ node, version: base + 1, epoch }, said);
    const before = [...(references?.references ?? []), ...(references?.manifest ?? [])];
    changes.push({ op: 'content', node, base, ...blockDifference(before, unit.content!.references), sealed });
  }
  // Planned with an edit that turned out to be none: the times and modes that came from elsewhere meanwhile are put on first.
  const isOutdone = operation.content && content == null && remote.attributesVersion !== row.synced?.attributesVersion;
  const attributes = isOutdone ? null : attributesToSend(local, row.synced);
  if (operation.attributes && attributes !== null && !sameAttributes(attributes, remote.attributes)) {
    const base = remote.attributesVersion;
    changes.push({
      op: 'attributes',
      node,
      base,
      sealed: sealing.sealAttributes({ node, version: base + 1, epoch }, attributes),
    });
  }
  return changes;
}

function createChange(sealing: Sealing, { row, operation, content }: ReadyUnit, epoch: number): Change {
  const { node } = row;
  const local = row.local!;
  const at = { node, version: 1, epoch };
  const name = operation.as ?? local.name;
  const attributes = attributesToSend(local, null);
  return {
    op: 'create',
    node,
    kind: local.kind,
    parent: local.parent,
    nameTag: sealing.nameTag(local.parent, name),
    place: sealing.sealPlace(at, name),
    ...(content?.sealed == null
      ? {}
      : { content: { ...blockDifference([], content.references), sealed: sealing.sealContent(at, content.sealed) } }),
    ...(attributes === null ? {} : { attributes: sealing.sealAttributes(at, attributes) }),
  };
}

/** Nodes whose old references must be at hand to say which blocks a new version gives up. */
export function nodesReplacingContent(units: readonly ReadyUnit[]): NodeId[] {
  return units
    .filter(({ content, operation }) => content?.sealed != null && operation.place !== 'create')
    .map(({ row }) => row.node);
}
