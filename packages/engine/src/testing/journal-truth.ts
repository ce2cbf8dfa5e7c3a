/*
 * What the model server's journal really says, opened: the judge's own reading, independent of any engine.
 */
import { parseEntry } from '@onefold/journal';
import { ROOT_NODE, type ContentId, type CtHash, type NodeId } from '@onefold/protocol';
import { sameContent } from '../core/settled.ts';
import type { AttributesValue, ContentValue, Name, RelPath } from '../core/tree.ts';
import type { Sealing } from '../ports.ts';
import type { MemoryServer } from './memory-server-calls.ts';

export interface JournalTruth {
  /** Some version says it of which the server holds everything that the version itself names. */
  isHeld(contentId: ContentId): boolean;
  hasLinkTarget(target: string): boolean;
  /** A register's value at a version, undefined when the journal has no such version. */
  placeAt(node: NodeId, version: number): { readonly parent: NodeId; readonly name: Name } | undefined;
  contentAt(node: NodeId, version: number): ContentValue | undefined;
  attributesAt(node: NodeId, version: number): AttributesValue | undefined;
  /** Every content any entry ever committed. */
  contentIds(): ReadonlySet<ContentId>;
  /** Versions that say the same content as the one before them, as `node version`. */
  repeats(): readonly string[];
  /** Where a node stands now; null when it is not visible. */
  pathOf(node: NodeId): RelPath | null;
  /** Paths of everything visible now. */
  tree(): ReadonlyMap<RelPath, VisibleNode>;
}

export interface VisibleNode {
  readonly node: NodeId;
  readonly kind: string;
  readonly content: ContentValue | null;
  readonly attributes: AttributesValue | null;
}

export function createJournalTruth(server: MemoryServer, sealing: Sealing): JournalTruth {
  const places = new Map<string, { parent: NodeId; name: Name }>();
  const contents = new Map<string, ContentValue>();
  const attributes = new Map<string, AttributesValue>();
  const contentIds = new Set<ContentId>();
  /** By content: of each version that says it, the blocks that it names. */
  const named = new Map<ContentId, (readonly CtHash[])[]>();
  const targets = new Set<string>();
  let read = 1;
  let { journal } = server;

  function opened<T>(result: { outcome: 'opened'; value: T } | { outcome: 'corrupt' }): T {
    if (result.outcome === 'corrupt') throw new Error('an engine committed a sealed part that does not open');
    return result.value;
  }

  function addContent(node: NodeId, version: number, epoch: number, sealed: Uint8Array): void {
    const content = opened(sealing.openContent({ node, version, epoch }, sealed));
    if (content.kind === 'link') {
      targets.add(content.target);
      contents.set(`${node} ${version}`, content);
      return;
    }
    contentIds.add(content.contentId);
    const blocks = (content.kind === 'file' ? content.references : content.manifest).map(({ ctHash }) => ctHash);
    named.set(content.contentId, [...(named.get(content.contentId) ?? []), blocks]);
    contents.set(`${node} ${version}`, { kind: 'file', contentId: content.contentId, sizeBytes: content.sizeBytes });
  }

  function addPlace(node: NodeId, version: number, epoch: number, parent: NodeId, sealed: Uint8Array): void {
    places.set(`${node} ${version}`, { parent, name: opened(sealing.openPlace({ node, version, epoch }, sealed)) });
  }

  function catchUp(): void {
    if (server.journal !== journal) {
      // The server was restored from a backup: what it lost is no version any more.
      journal = server.journal;
      read = 1;
      for (const known of [places, contents, attributes, contentIds, named, targets]) known.clear();
    }
    for (; read < server.journal.entries.length; read++) {
      const entry = parseEntry(server.journal.entries[read]!);
      if (entry.type !== 'changeset') continue;
      const { epoch } = entry.header;
      for (const change of entry.body.changes) {
        const { node } = change;
        switch (change.op) {
          case 'create':
            addPlace(node, 1, epoch, change.parent, change.place);
            if (change.content !== undefined) addContent(node, 1, epoch, change.content.sealed);
            if (change.attributes !== undefined) addAttributes(node, 1, epoch, change.attributes);
            break;
          case 'place':
            addPlace(node, change.base + 1, epoch, change.parent, change.sealed);
            break;
          case 'content':
            addContent(node, change.base + 1, epoch, change.sealed);
            break;
          case 'attributes':
            addAttributes(node, change.base + 1, epoch, change.sealed);
        }
      }
    }
  }

  function addAttributes(node: NodeId, version: number, epoch: number, sealed: Uint8Array): void {
    attributes.set(`${node} ${version}`, opened(sealing.openAttributes({ node, version, epoch }, sealed)));
  }

  function pathOf(node: NodeId): RelPath | null {
    const parts: string[] = [];
    for (let at = node; at !== ROOT_NODE;) {
      const state = server.journal.nodes.get(at);
      if (state === undefined || state.hidden) return null;
      parts.unshift(places.get(`${at} ${state.placeVersion}`)!.name);
      at = state.parent;
    }
    return parts.join('/');
  }

  const after = <T>(answer: () => T): T => {
    catchUp();
    return answer();
  };

  return {
    isHeld: (contentId) =>
      after(() => named.get(contentId)?.some((blocks) => blocks.every((ctHash) => server.holds(ctHash))) === true),
    hasLinkTarget: (target) => after(() => targets.has(target)),
    placeAt: (node, version) => after(() => places.get(`${node} ${version}`)),
    contentAt: (node, version) => after(() => contents.get(`${node} ${version}`)),
    attributesAt: (node, version) => after(() => attributes.get(`${node} ${version}`)),
    contentIds: () => after(() => contentIds),
    repeats: () =>
      after(() =>
        [...contents].flatMap(([key, content]) => {
          const [node = '', version = ''] = key.split(' ');
          const before = contents.get(`${node} ${Number(version) - 1}`);
          return before !== undefined && sameContent(before, content) ? [key] : [];
        }),
      ),
    pathOf: (node) => after(() => pathOf(node)),
    tree: () =>
      after(() => {
        const tree = new Map<RelPath, VisibleNode>();
        for (const { node, kind, contentVersion, attributesVersion } of server.journal.nodes.values()) {
          const path = pathOf(node);
          if (path === null) continue;
          if (tree.has(path)) throw new Error(`two nodes at ${path}`);
          const content = contents.get(`${node} ${contentVersion}`) ?? null;
          tree.set(path, { node, kind, content, attributes: attributes.get(`${node} ${attributesVersion}`) ?? null });
        }
        return tree;
      }),
  };
}
