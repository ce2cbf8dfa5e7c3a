import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import {
  destructionOf,
  findFocus,
  HALF_FROM,
  isMassChange,
  isPossibleRewrite,
  MASS_WINDOW_MS,
  type Destruction,
  type Direction,
} from '../core/mass-change.ts';
import { joinPath } from '../core/names.ts';
import type { NodeRow } from '../core/tree.ts';
import type { Session } from './session.ts';
import type { Guard } from './session-parts.ts';

/*
 * Deletes and rewrites of many nodes are held until a person answers. In either direction:
 *
 *   pending --(few)------------------> carried on, counted for ten minutes
 *           --(many: a hold is made)-> held --confirm--> carried on, not counted
 *                                          --reject---> the other side's state comes back
 */

interface Hold {
  readonly id: string;
  readonly direction: Direction;
  /** ROOT_NODE for everything. */
  readonly folder: NodeId;
  confirmed: boolean;
}

interface Pending extends Destruction {
  readonly contentVersion: number;
}

const CONFIRMED_FACT = 'mass-confirmed';
const WINDOW_FACT = 'mass-window';
const PAGE_ROWS = 1_000;

export function createGuard(session: () => Session): Guard {
  const pending = new Map<NodeId, Pending>();
  const possible = new Set<NodeId>();
  const holds = new Map<string, Hold>();
  const held = new Map<NodeId, Hold>();
  /** Carried on within the last ten minutes. */
  let window: { readonly node: NodeId; readonly direction: Direction; readonly atMs: number }[] = [];
  let isWindowDirty = false;

  function noteRow(row: NodeRow): void {
    const { node } = row;
    if (isPossibleRewrite(row)) possible.add(node);
    else possible.delete(node);
    const before = pending.get(node);
    const threat = destructionOf(row);
    const now = threat !== null && isHeldBack(threat.direction) ? null : threat;
    if (now !== null) {
      pending.set(node, { ...now, contentVersion: row.synced?.contentVersion ?? 0 });
      if (before?.direction !== now.direction) held.delete(node);
      return;
    }
    if (before === undefined) return;
    pending.delete(node);
    const wasConfirmed = held.get(node)?.confirmed === true;
    held.delete(node);
    const isDone =
      before.what === 'delete'
        ? row.synced === null && row.local === null
        : row.synced?.contentVersion !== before.contentVersion;
    if (!isDone || wasConfirmed) return;
    window.push({ node, direction: before.direction, atMs: session().ports.clock.nowMs() });
    isWindowDirty = true;
  }

  /** Nothing goes that way in this folder. */
  function isHeldBack(direction: Direction): boolean {
    const { mode } = session().options;
    return direction === 'down' ? mode === 'send-only' : mode === 'receive-only';
  }

  async function judge(): Promise<void> {
    const { store, clock } = session().ports;
    const nowMs = clock.nowMs();
    // A clock that was set back must not keep entries for ever.
    window = window.filter(({ atMs }) => nowMs - atMs < MASS_WINDOW_MS && atMs <= nowMs);
    if (isWindowDirty) {
      isWindowDirty = false;
      await store.commit({ facts: { [WINDOW_FACT]: JSON.stringify(window) } });
    }
    await joinHolds();
    await dropEmptyHolds();
    if (pending.size === 0) return;
    const counts = await store.counts();
    for (const direction of ['up', 'down'] as const) {
      for (;;) {
        const free = [...pending]
          .filter(([node, its]) => its.direction === direction && !held.has(node))
          .map(([node]) => node);
        const counted = new Set([
          ...free,
          ...window.filter((entry) => entry.direction === direction).map(({ node }) => node),
        ]);
        const total = Math.max(counts.files + counts.folders + (direction === 'up' ? free.length : 0), 1);
        if (free.length === 0 || !isMassChange(counted.size, total)) break;
        await makeHold(direction, free, total);
      }
    }
  }

  async function makeHold(direction: Direction, nodes: readonly NodeId[], total: number): Promise<void> {
    const chains = await chainsOf(nodes);
    const folder = findFocus([...chains.values()]) ?? ROOT_NODE;
    const inside = nodes.filter((node) => folder === ROOT_NODE || chains.get(node)!.includes(folder));
    const hold: Hold = { id: `mass-${direction}-${folder.slice(0, 12)}`, direction, folder, confirmed: false };
    holds.set(hold.id, hold);
    for (const node of inside) held.set(node, hold);
    const deletes = inside.filter((node) => pending.get(node)?.what === 'delete').length;
    const rewrites = inside.length - deletes;
    const where = direction === 'up' ? 'on this device' : 'on another device';
    const path = await syncedPath(folder);
    await session().attention.raise({
      id: hold.id,
      code: 'mass-change',
      path,
      message: `${deletes} deleted and ${rewrites} rewritten ${where}, of ${total}: confirm to carry this on, reject to undo it`,
      detail: JSON.stringify({ direction, deletes, rewrites, total, folder }),
    });
  }

  /** What is newly pending below a folder that is held belongs to the hold. */
  async function joinHolds(): Promise<void> {
    if (holds.size === 0) return;
    const free = [...pending.keys()].filter((node) => !held.has(node));
    if (free.length === 0) return;
    const chains = await chainsOf(free);
    for (const node of free) {
      for (const hold of holds.values()) {
        if (hold.direction !== pending.get(node)!.direction) continue;
        if (hold.folder !== ROOT_NODE && !chains.get(node)!.includes(hold.folder)) continue;
        held.set(node, hold);
        break;
      }
    }
  }

  async function dropEmptyHolds(): Promise<void> {
    const inUse = new Set([...held.values()].map((hold) => hold.id));
    const empty = [...holds.values()].filter((hold) => !inUse.has(hold.id));
    if (empty.length === 0) return;
    for (const { id } of empty) holds.delete(id);
    await session().attention.clear(empty.map(({ id }) => id));
    await keepConfirmed();
  }

  /** The folders above each node, from the top, ending with the node itself: as it was synced. */
  async function chainsOf(nodes: readonly NodeId[]): Promise<Map<NodeId, NodeId[]>> {
    const parents = new Map<NodeId, NodeId>();
    let level = new Set(nodes);
    while (level.size > 0) {
      const asked = [...level];
      const next = new Set<NodeId>();
      for (let i = 0; i < asked.length; i += PAGE_ROWS) {
        for (const row of await session().ports.store.rows(asked.slice(i, i + PAGE_ROWS))) {
          const place = row?.synced ?? row?.local ?? row?.remote;
          if (row === undefined || place == null) continue;
          parents.set(row.node, place.parent);
          if (place.parent !== ROOT_NODE && !parents.has(place.parent)) next.add(place.parent);
        }
      }
      level = next;
    }
    return new Map(
      nodes.map((node) => {
        const chain: NodeId[] = [];
        for (
          let at: NodeId | undefined = node;
          at !== undefined && at !== ROOT_NODE && !chain.includes(at);
          at = parents.get(at)
        ) {
          chain.unshift(at);
        }
        return [node, chain];
      }),
    );
  }

  async function syncedPath(folder: NodeId): Promise<string> {
    let path = '';
    for (let at = folder; at !== ROOT_NODE;) {
      const [row] = await session().ports.store.rows([at]);
      const place = row?.synced ?? row?.local ?? row?.remote;
      if (place?.name == null) return path;
      path = path === '' ? place.name : joinPath(place.name, path);
      at = place.parent;
    }
    return path;
  }

  async function keepConfirmed(): Promise<void> {
    const confirmed = [...holds.values()].filter((hold) => hold.confirmed);
    const fact = confirmed.length === 0 ? null : JSON.stringify(confirmed);
    await session().ports.store.commit({ facts: { [CONFIRMED_FACT]: fact } });
  }

  return {
    async load() {
      const { store } = session().ports;
      for (const known of [pending, possible, held, holds]) known.clear();
      window = JSON.parse((await store.fact(WINDOW_FACT)) ?? '[]') as typeof window;
      for (const hold of JSON.parse((await store.fact(CONFIRMED_FACT)) ?? '[]') as Hold[]) holds.set(hold.id, hold);
      for (const item of session().attention.list()) {
        if (item.code !== 'mass-change' || holds.has(item.id)) continue;
        const { direction, folder } = JSON.parse(item.detail) as Hold;
        holds.set(item.id, { id: item.id, direction, folder, confirmed: false });
      }
      let after: NodeId | null = null;
      for (;;) {
        const rows: readonly NodeRow[] = await store.unsettled(PAGE_ROWS, after);
        rows.forEach(noteRow);
        if (rows.length < PAGE_ROWS) break;
        after = rows.at(-1)!.node;
      }
      await joinHolds();
    },
    note: (rows) => rows.forEach(noteRow),
    isHeld: (node) => held.get(node)?.confirmed === false,
    isSuspect: (node) => possible.has(node) && possible.size + window.length >= HALF_FROM,
    judge,
    async confirm(id) {
      const hold = holds.get(id);
      if (hold === undefined) return false;
      hold.confirmed = true;
      await keepConfirmed();
      await session().attention.clear([id]);
      return true;
    },
    async reject(id) {
      const hold = holds.get(id);
      if (hold === undefined) return null;
      const nodes = [...held].filter(([, its]) => its === hold).map(([node]) => ({ node, threat: pending.get(node)! }));
      holds.delete(id);
      for (const { node } of nodes) held.delete(node);
      await keepConfirmed();
      await session().attention.clear([id]);
      return nodes;
    },
  };
}
