import { placeDigest, registerDigest, sha256, type Effects, type ParsedChangeset } from '@onefold/journal';
import { ROOT_NODE, type Change, type CtHash, type NodeId } from '@onefold/protocol';
import { isLegalName } from '../core/names.ts';
import type { NodeReferences, RemoteState } from '../core/tree.ts';
import type { Sealing, SealedContent } from '../ports.ts';
import { withDigest } from './node-digests.ts';

/** What one accepted changeset makes of one node, opened. */
export interface OpenedNode {
  readonly remote: RemoteState;
  /** Where new content is; undefined = content unchanged. */
  readonly references?: NodeReferences | null;
  readonly isCreated: boolean;
}

/**
 * Opens the sealed parts of a changeset that the predicate accepted. A part that does not open, or that says something else than its
 * visible half, is the author's doing: the entry counts, and the node is quarantined until a later version of that register opens.
 */
export async function openChangeset(
  sealing: Sealing,
  entry: ParsedChangeset,
  effects: Effects,
  before: (node: NodeId) => RemoteState | null,
  breathe: () => Promise<void> | null,
): Promise<Map<NodeId, OpenedNode>> {
  const opened = new Map<NodeId, OpenedNode>();
  for (const change of entry.body.changes) {
    const breath = breathe();
    if (breath !== null) await breath;
    const known = opened.get(change.node);
    const previous = known?.remote ?? before(change.node);
    const next = openChange(sealing, entry, change, previous, effects.seq);
    opened.set(change.node, {
      ...next,
      ...(next.references === undefined && known?.references !== undefined ? { references: known.references } : {}),
      isCreated: known?.isCreated === true || next.isCreated,
    });
  }
  for (const [node, { remote, ...rest }] of opened) {
    const state = effects.nodes.get(node)!;
    opened.set(node, { ...rest, remote: { ...remote, lastSeq: state.lastSeq } });
  }
  return opened;
}

function openChange(
  sealing: Sealing,
  entry: ParsedChangeset,
  change: Change,
  before: RemoteState | null,
  seq: number,
): OpenedNode {
  const { epoch, device } = entry.header;
  const at = (version: number) => ({ node: change.node, version, epoch });
  const write = (version: number, sealed: Uint8Array) => ({ ...at(version), seq, device, sealedHash: sha256(sealed) });
  switch (change.op) {
    case 'create': {
      const content = change.content === undefined ? null : openContent(sealing, at(1), change.content.sealed);
      const attributes = change.attributes === undefined ? null : sealing.openAttributes(at(1), change.attributes);
      const base: RemoteState = {
        kind: change.kind,
        parent: change.parent,
        nameTag: change.nameTag,
        name: null,
        hidden: false,
        hiddenAbove: false,
        unticked: false,
        placeVersion: 1,
        contentVersion: change.content === undefined ? 0 : 1,
        attributesVersion: change.attributes === undefined ? 0 : 1,
        lastSeq: 0,
        author: device,
        content: content?.value ?? null,
        unseen: content?.unseen,
        attributes: attributes?.outcome === 'opened' ? attributes.value : null,
        quarantined: isContentUnfit(content, change.kind, change.content?.added) || attributes?.outcome === 'corrupt',
      };
      const name = openName(sealing, at(1), change.parent, change.nameTag, change.place);
      const { kind, parent, nameTag } = change;
      const digests = [
        placeDigest({ ...write(1, change.place), kind, parent, nameTag, hidden: false }),
        ...(change.content === undefined ? [] : [registerDigest('content', write(1, change.content.sealed))]),
        ...(change.attributes === undefined ? [] : [registerDigest('attributes', write(1, change.attributes))]),
      ].join('');
      const remote = { ...base, name, digests, quarantined: base.quarantined || name === null };
      return { remote, isCreated: true, ...(content === null ? {} : { references: content.references }) };
    }
    case 'place': {
      const name = openName(sealing, at(change.base + 1), change.parent, change.nameTag, change.sealed);
      const remote: RemoteState = {
        ...before!,
        parent: change.parent,
        nameTag: change.nameTag,
        name,
        hidden: change.hidden,
        placeVersion: change.base + 1,
        author: before!.kind === 'folder' ? device : before!.author,
        // A name that opens again lifts the quarantine only if nothing else is wrong.
        quarantined: name === null || (before!.name !== null && before!.quarantined) || isHalfOpen(before!),
        digests: withDigest(
          before!,
          'place',
          placeDigest({ ...write(change.base + 1, change.sealed), ...change, kind: before!.kind }),
        ),
      };
      return { remote, isCreated: false };
    }
    case 'content': {
      const content = openContent(sealing, at(change.base + 1), change.sealed);
      const remote: RemoteState = {
        ...before!,
        contentVersion: change.base + 1,
        content: content.value,
        unseen: content.unseen,
        author: device,
        quarantined: before!.name === null || isContentUnfit(content, before!.kind, undefined),
        digests: withDigest(before!, 'content', registerDigest('content', write(change.base + 1, change.sealed))),
      };
      return { remote, isCreated: false, references: content.references };
    }
    case 'attributes': {
      const attributes = sealing.openAttributes(at(change.base + 1), change.sealed);
      const remote: RemoteState = {
        ...before!,
        attributesVersion: change.base + 1,
        // Times and modes that do not open are left as they were: no reason to keep the file from anyone.
        attributes: attributes.outcome === 'opened' ? attributes.value : before!.attributes,
        digests: withDigest(before!, 'attributes', registerDigest('attributes', write(change.base + 1, change.sealed))),
      };
      return { remote, isCreated: false };
    }
  }
}

export interface OpenedContent {
  readonly value: RemoteState['content'];
  readonly unseen?: RemoteState['unseen'];
  readonly references: NodeReferences | null;
}

export function openContent(
  sealing: Sealing,
  at: Parameters<Sealing['openContent']>[0],
  sealed: Uint8Array,
): OpenedContent {
  const opened = sealing.openContent(at, sealed);
  if (opened.outcome === 'corrupt') return { value: null, references: null };
  const content: SealedContent = opened.value;
  const { unseen } = content;
  if (content.kind === 'link') return { value: { kind: 'link', target: content.target }, unseen, references: null };
  const value = { kind: 'file', contentId: content.contentId, sizeBytes: content.sizeBytes } as const;
  if (content.kind === 'manifest')
    return { value, unseen, references: { references: null, manifest: content.manifest } };
  return { value, unseen, references: { references: content.references, manifest: [] } };
}

/** Content that did not open, is of another kind than its node, or names blocks its visible half does not. */
export function isContentUnfit(
  content: OpenedContent | null,
  kind: RemoteState['kind'],
  added: readonly (readonly [CtHash, number])[] | undefined,
): boolean {
  if (kind !== 'file' && kind !== 'link') return content !== null;
  if (content?.value == null || content.value.kind !== kind) return true;
  if (added === undefined || content.references === null) return false;
  const visible = new Map(added);
  const named = [...(content.references.references ?? []), ...content.references.manifest];
  return named.some((reference) => visible.get(reference.ctHash) !== reference.ctLength);
}

/** Content was never opened: the node stays in quarantine whatever its name. */
function isHalfOpen(before: RemoteState): boolean {
  return (before.kind === 'file' || before.kind === 'link') && before.content === null;
}

export function openName(
  sealing: Sealing,
  at: Parameters<Sealing['openPlace']>[0],
  parent: NodeId,
  tag: RemoteState['nameTag'],
  sealed: Uint8Array,
): string | null {
  const opened = sealing.openPlace(at, sealed);
  if (opened.outcome === 'corrupt' || !isLegalName(opened.value, parent === ROOT_NODE)) return null;
  return sealing.nameTag(parent, opened.value) === tag ? opened.value : null;
}
