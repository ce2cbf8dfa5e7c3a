import { digestsOf } from '@onefold/journal';
import type { NodeSnapshot } from '@onefold/protocol';
import type { RemoteState } from '../core/tree.ts';
import type { Sealing } from '../ports.ts';
import { joinDigests } from './node-digests.ts';
import { isContentUnfit, openContent, openName, type OpenedNode } from './open-changes.ts';

/**
 * A node of a snapshot, opened, as replaying every entry would have left it. What is known of it already is not opened again; content that was purged is not
 * there. Whether it is hidden or unticked along with a folder is not told by the row alone: that stays as it was.
 */
export function openRow(sealing: Sealing, row: NodeSnapshot, before: RemoteState | null): OpenedNode {
  const { node, kind, parent, nameTag, hidden, place, content, attributes } = row;
  const hasPlace = before?.placeVersion === place.version;
  const hasContent = content === null || before?.contentVersion === content.version;
  const hasAttributes = attributes === null || before?.attributesVersion === attributes.version;
  const name = hasPlace ? before.name : openName(sealing, { node, ...place }, parent, nameTag, place.sealed);
  const opened =
    hasContent || content.sealed === undefined ? null : openContent(sealing, { node, ...content }, content.sealed);
  const times = hasAttributes ? null : sealing.openAttributes({ node, ...attributes }, attributes.sealed);
  const isUnfit = hasContent
    ? before?.quarantined === true && before.name !== null
    : isContentUnfit(opened, kind, undefined);
  // Of content that is nowhere any more nothing can be wrong: see reset-marks.ts.
  const isGone = !hasContent && opened === null;
  const remote: RemoteState = {
    kind,
    parent,
    nameTag,
    name,
    hidden,
    hiddenAbove: before?.hiddenAbove ?? false,
    unticked: before?.unticked ?? false,
    placeVersion: place.version,
    contentVersion: content?.version ?? 0,
    attributesVersion: attributes?.version ?? 0,
    lastSeq: Math.max(place.seq, content?.seq ?? 0, attributes?.seq ?? 0),
    author: kind === 'folder' || content === null ? place.device : content.device,
    content: hasContent ? (before?.content ?? null) : (opened?.value ?? null),
    unseen: hasContent ? before?.unseen : opened?.unseen,
    attributes: times?.outcome === 'opened' ? times.value : (before?.attributes ?? null),
    quarantined: name === null || (isUnfit && !isGone),
    digests: joinDigests(digestsOf(row)),
  };
  const isNew = !hasContent && opened !== null;
  return { remote, isCreated: before === null, ...(isNew ? { references: opened.references } : {}) };
}
