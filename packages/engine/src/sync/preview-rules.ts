import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { createIgnoreRules, type RuleTexts } from '../core/ignore.ts';
import { joinPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

export interface RuleEffect {
  readonly path: RelPath;
  readonly kind: 'file' | 'folder' | 'link';
  readonly sizeBytes: number;
  readonly becomes: 'ignored' | 'synced';
  readonly isTracked: boolean;
}

interface Entry {
  readonly name: Name;
  readonly kind: 'file' | 'folder' | 'link';
  readonly sizeBytes: number;
  readonly row: NodeRow | undefined;
}

/**
 * What other rules would change, by looking at the disk and at the journal: the topmost entries that become ignored or synced, in the order of
 * their paths, name by name. Costs a look at every folder that neither old nor new rules hide, as far as the page reaches. Changes nothing.
 */
export async function previewRules(
  session: Session,
  texts: RuleTexts,
  limit: number,
  after: RelPath | null,
): Promise<{ readonly effects: readonly RuleEffect[]; readonly next: RelPath | null }> {
  const rules = createIgnoreRules(texts);
  const effects: RuleEffect[] = [];
  const isFull = await walk('', ROOT_NODE);
  return { effects, next: isFull ? effects.at(-1).path : null };

  /** True when one more was found than fits. */
  async function walk(folder: RelPath, node: NodeId | null): Promise<boolean> {
    for (const { name, kind, sizeBytes, row } of await entriesOf(session, folder, node)) {
      const path = joinPath(folder, name);
      const isFolder = kind === 'folder';
      if (after !== null && isWhollyBefore(path, after)) continue;
      const [was, is] = [session.rules(path, isFolder), rules(path, isFolder)];
      if (was && is) continue;
      if (was !== is) {
        if (after !== null && comparePaths(path, after) <= 0) continue;
        if (effects.length >= limit) return true;
        effects.push({
          path,
          kind,
          sizeBytes,
          becomes: is ? 'ignored' : 'synced',
          isTracked: isAlive(row?.remote ?? null),
        });
      } else if (isFolder && (await walk(path, row?.node ?? null))) return true;
    }
    return false;
  }
}

/** It, and all that may be below it, comes before. */
function isWhollyBefore(path: RelPath, after: RelPath): boolean {
  return comparePaths(path, after) < 0 && !after.startsWith(`${path}/`);
}

function comparePaths(a: RelPath, b: RelPath): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++)
    if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
  return left.length - right.length;
}

/** What stands in a folder, and what the journal has in it that is not here. */
async function entriesOf(session: Session, folder: RelPath, node: NodeId | null): Promise<Entry[]> {
  const { files, store } = session.ports;
  const [listing] = await files.list([folder]);
  const standing = listing?.outcome === 'listed' ? listing.entries : [];
  const rows = node === null ? [] : await store.childrenOnDisk(standing.map(({ name }) => ({ parent: node, name })));
  const entries = new Map<Name, Entry>();
  standing.forEach(({ name, stat }, i) => {
    if (stat.kind === 'special') return;
    entries.set(name, { name, kind: stat.kind, sizeBytes: stat.kind === 'file' ? stat.sizeBytes : 0, row: rows[i] });
  });
  for (const row of node === null ? [] : await store.childrenOf('remote', node)) {
    const { remote } = row;
    if (!isAlive(remote) || remote.unticked || remote.name === null || remote.kind === 'mount') continue;
    if (entries.has(remote.name)) continue;
    const sizeBytes = remote.content?.kind === 'file' ? remote.content.sizeBytes : 0;
    entries.set(remote.name, { name: remote.name, kind: remote.kind, sizeBytes, row });
  }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
