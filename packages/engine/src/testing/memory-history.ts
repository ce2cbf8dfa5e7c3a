import { parseEntry, type MemoryJournal, type ParsedChangeset } from '@onefold/journal';
import {
  ROOT_NODE,
  type CtHash,
  type LostBlocksResponse,
  type LostPlace,
  type NodeId,
  type VersionsResponse,
} from '@onefold/protocol';

/** Blocks of the current version of every node. */
export function usesOf(journal: MemoryJournal): ReadonlyMap<NodeId, ReadonlySet<CtHash>> {
  const uses = new Map<NodeId, Set<CtHash>>();
  for (const raw of journal.entries.slice(1)) {
    const entry = parseEntry(raw);
    if (entry.type !== 'changeset') continue;
    for (const change of entry.body.changes) {
      const content = change.op === 'content' ? change : change.op === 'create' ? change.content : undefined;
      if (content === undefined) continue;
      const blocks = uses.get(change.node) ?? new Set<CtHash>();
      for (const [ctHash] of content.added) blocks.add(ctHash);
      for (const ctHash of content.dropped) blocks.delete(ctHash);
      uses.set(change.node, blocks);
    }
  }
  return uses;
}

/** A page of the lost blocks that current versions use, behind `after`. */
export function lostAmong(
  journal: MemoryJournal,
  isLost: (ctHash: CtHash) => boolean,
  after: LostPlace | null,
  limit: number,
): LostBlocksResponse {
  const all = [...usesOf(journal)].flatMap(([node, blocks]) =>
    [...blocks]
      .filter(isLost)
      .map((ctHash) => ({ ctHash, node, version: journal.nodes.get(node)?.contentVersion ?? 1 })),
  );
  const key = ({ ctHash, node }: LostPlace): string => `${ctHash} ${node}`;
  const rest = all.filter((one) => after === null || key(one) > key(after));
  rest.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { lost: rest.slice(0, limit), hasMore: rest.length > limit };
}

export function versionsOf(journal: MemoryJournal, node: NodeId): VersionsResponse['versions'] {
  const versions: VersionsResponse['versions'] = [];
  journal.entries.forEach((raw, seq) => {
    if (seq === 0) return;
    const entry = parseEntry(raw);
    if (entry.type !== 'changeset') return;
    for (const change of entry.body.changes) {
      if (change.node !== node) continue;
      const sealed =
        change.op === 'content' ? change.sealed : change.op === 'create' ? change.content?.sealed : undefined;
      if (sealed === undefined) continue;
      const { epoch, device } = entry.header;
      versions.push({ version: versions.length + 1, seq, epoch, device, acceptedAtMs: seq, sealed });
    }
  });
  return versions;
}

/** Deleted, by itself or along with a folder. */
export function isHidden(journal: MemoryJournal, node: NodeId): boolean {
  for (let at = node; at !== ROOT_NODE;) {
    const state = journal.nodes.get(at);
    if (state === undefined) return false;
    if (state.hidden) return true;
    at = state.parent;
  }
  return false;
}

/** Blocks that a changeset says its contents have anew. */
export function addedBy(entry: ParsedChangeset): CtHash[] {
  const contents = entry.body.changes.flatMap((change) =>
    change.op === 'content' ? [change] : change.op === 'create' && change.content !== undefined ? [change.content] : [],
  );
  return [...new Set(contents.flatMap(({ added }) => added.map(([ctHash]) => ctHash)))];
}
