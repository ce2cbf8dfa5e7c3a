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
import { sameContent } from '../core/settled.ts';
import type { NodeRow, SyncedState } from '../core/tree.ts';
import type { Session } from './session.ts';
import type { Guard } from './session-parts.ts';
import { chainsOf, syncedPath } from './synced-places.ts';

/*
 * Deletes and rewrites of many nodes are held until a person answers. In either direction:
 *
 *   pending --(few)------------------> carried on, counted for ten minutes
 *           --(many: a hold is made)-> held --confirm--> carried on, not counted
 *                                          --reject---> the other side's state comes back
 *
 * What comes to pend below a folder that is held belongs to the question, as long as it is one. A yes is for what was asked about then.
 */

interface Hold {
  readonly id: string;
  readonly direction: Direction;
  /** ROOT_NODE for everything. */
  readonly folder: NodeId;
  /** What a person has said yes to; null while that is asked. */
  confirmed: ReadonlySet<NodeId> | null;
}

/** A hold that was confirmed, as the state keeps it. */
interface KeptHold extends Omit<Hold, 'confirmed'> {
  readonly nodes?: readonly NodeId[];
}

interface Pending extends Destruction {
  readonly contentVersion: number;
}

const CONFIRMED_FACT = 'mass-confirmed';
const WINDOW_FACT = 'mass-window';
const PAGE_ROWS = 1_000;

export function createGuard(session: () => Session): Guard {
  const pending = new Map<NodeId, Pending>();
  /** What is sent of these, with nobody having looked at it before, is counted too. */
  const possible = new Map<NodeId, SyncedState>();
  const holds = new Map<string, Hold>();
  const held = new Map<NodeId, Hold>();
  /** Others are held by them than was told. */
  const untold = new Set<Hold>();
  /** Carried on within the last ten minutes. */
  let window: (Destruction & { readonly node: NodeId; readonly atMs: number })[] = [];
  let isWindowDirty = false;

  function noteRow(row: NodeRow): void {
    const { node } = row;
    const sent = possible.get(node);
    if (isPossibleRewrite(row)) possible.set(node, row.synced!);
    else if (possible.delete(node) && isRewritten(sent!, row)) count(node, { direction: 'up', what: 'rewrite' });
    const before = pending.get(node);
    const threat = destructionOf(row);
    const now = threat !== null && isHeldBack(threat.direction) ? null : threat;
    if (now !== null) {
      pending.set(node, { ...now, contentVersion: row.synced?.contentVersion ?? 0 });
      if (before?.direction !== now.direction) letGo(node);
      else if (before.what !== now.what && held.has(node)) untold.add(held.get(node)!);
      return;
    }
    if (before === undefined) return;
    pending.delete(node);
    const wasConfirmed = isConfirmed(held.get(node));
    letGo(node);
    const isDone =
      before.what === 'delete'
        ? row.synced === null && row.local === null
        : row.synced?.contentVersion !== before.contentVersion;
    if (isDone && !wasConfirmed) count(node, before);
  }

  function count(node: NodeId, { direction, what }: Destruction): void {
    window.push({ node, direction, what, atMs: session().ports.clock.nowMs() });
    isWindowDirty = true;
  }

  function letGo(node: NodeId): void {
    const hold = held.get(node);
    if (hold === undefined) return;
    held.delete(node);
    untold.add(hold);
  }

  /** An edit may belong to what is asked about. */
  function isAskedUp(): boolean {
    return [...holds.values()].some((hold) => hold.direction === 'up' && !isConfirmed(hold));
  }

  /** Nothing goes that way in this folder. */
  function isHeldBack(direction: Direction): boolean {
    const { mode } = session().options;
    return direction === 'down' ? mode === 'send-only' : mode === 'receive-only';
  }

  async function judge(): Promise<void> {
    if (pending.size + window.length + holds.size + untold.size === 0 && !isWindowDirty) return;
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
    await tellHolds();
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
        // What was deleted is not counted here any more, and was there when the ten minutes began.
        const gone = new Set(window.filter(({ what }) => what === 'delete').map(({ node }) => node));
        if (direction === 'up') for (const node of free) if (pending.get(node)?.what === 'delete') gone.add(node);
        const total = Math.max(counts.files + counts.folders + gone.size, 1);
        if (free.length === 0 || !isMassChange(counted.size, total)) break;
        await makeHold(direction, free);
      }
    }
  }

  async function makeHold(direction: Direction, nodes: readonly NodeId[]): Promise<void> {
    const chains = await chainsOf(session().ports.store, nodes);
    const folder = findFocus([...chains.values()]) ?? ROOT_NODE;
    const inside = nodes.filter((node) => folder === ROOT_NODE || chains.get(node)!.includes(folder));
    const hold: Hold = { id: freeId(`mass-${direction}-${folder.slice(0, 12)}`), direction, folder, confirmed: null };
    holds.set(hold.id, hold);
    for (const node of inside) held.set(node, hold);
    untold.add(hold);
    await tellHolds();
  }

  /** Who rejects what was rewritten elsewhere wants it rewritten there once more: that is no question of its own. */
  function answerAlike(
    { folder }: Hold,
    nodes: readonly { readonly node: NodeId; readonly threat: Destruction }[],
  ): void {
    const rewritten = nodes.filter(({ threat }) => threat.what === 'rewrite').map(({ node }) => node);
    if (rewritten.length === 0) return;
    const id = freeId(`answer-${folder.slice(0, 12)}`);
    holds.set(id, { id, direction: 'up', folder, confirmed: new Set(rewritten) });
  }

  /** What was confirmed of the same folder may still be on its way. */
  function freeId(wanted: string): string {
    let id = wanted;
    for (let more = 2; holds.has(id); more++) id = `${wanted}-${more}`;
    return id;
  }

  /** Asks, or asks with the numbers of by now. */
  async function tellHolds(): Promise<void> {
    const asking = [...untold].filter((hold) => holds.get(hold.id) === hold && !isConfirmed(hold));
    untold.clear();
    if (asking.length === 0) return;
    const numbers = new Map(asking.map((hold) => [hold, { deletes: 0, rewrites: 0 }]));
    for (const [node, hold] of held) {
      const its = numbers.get(hold);
      if (its !== undefined) its[pending.get(node)?.what === 'delete' ? 'deletes' : 'rewrites']++;
    }
    const counts = await session().ports.store.counts();
    for (const [{ id, direction, folder }, { deletes, rewrites }] of numbers) {
      const total = counts.files + counts.folders + (direction === 'up' ? deletes : 0);
      const where = direction === 'up' ? 'on this device' : 'on another device';
      await session().attention.raise({
        id,
        code: 'mass-change',
        path: await syncedPath(session().ports.store, folder),
        message: `${deletes} deleted and ${rewrites} rewritten ${where}, of ${total}: confirm to carry this on, reject to undo it`,
        detail: JSON.stringify({ direction, deletes, rewrites, total, folder }),
      });
    }
  }

  /** What is newly pending below a folder that is held belongs to the hold; to one that was confirmed only what it was confirmed for. */
  async function joinHolds(): Promise<void> {
    if (holds.size === 0) return;
    const free = [...pending.keys()].filter((node) => !held.has(node));
    if (free.length === 0) return;
    const chains = await chainsOf(session().ports.store, free);
    for (const node of free) {
      for (const hold of holds.values()) {
        if (hold.direction !== pending.get(node)!.direction) continue;
        if (hold.confirmed !== null && !hold.confirmed.has(node)) continue;
        if (hold.folder !== ROOT_NODE && !chains.get(node)!.includes(hold.folder)) continue;
        held.set(node, hold);
        untold.add(hold);
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

  async function keepConfirmed(): Promise<void> {
    const kept = [...holds.values()].flatMap(({ confirmed, ...hold }): KeptHold[] =>
      confirmed === null ? [] : [{ ...hold, nodes: [...confirmed] }],
    );
    const fact = kept.length === 0 ? null : JSON.stringify(kept);
    await session().ports.store.commit({ facts: { [CONFIRMED_FACT]: fact } });
  }

  return {
    async load() {
      const { store } = session().ports;
      for (const known of [pending, possible, held, holds, untold]) known.clear();
      window = JSON.parse((await store.fact(WINDOW_FACT)) ?? '[]') as typeof window;
      for (const { nodes = [], ...hold } of JSON.parse((await store.fact(CONFIRMED_FACT)) ?? '[]') as KeptHold[])
        holds.set(hold.id, { ...hold, confirmed: new Set(nodes) });
      for (const item of session().attention.list()) {
        if (item.code !== 'mass-change' || holds.has(item.id)) continue;
        const { direction, folder } = JSON.parse(item.detail) as Hold;
        holds.set(item.id, { id: item.id, direction, folder, confirmed: null });
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
    isHeld: (node) => held.get(node)?.confirmed === null,
    isSuspect: (node) => possible.has(node) && (isAskedUp() || possible.size + window.length >= HALF_FROM),
    judge,
    async confirm(id) {
      const hold = holds.get(id);
      if (hold === undefined) return false;
      hold.confirmed = new Set([...held].filter(([, its]) => its === hold).map(([node]) => node));
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
      if (hold.direction === 'down') answerAlike(hold, nodes);
      await keepConfirmed();
      await session().attention.clear([id]);
      return nodes;
    },
  };
}

/** What was sent here is what both sides hold now, and another content than before. */
function isRewritten(before: SyncedState, { local, synced }: NodeRow): boolean {
  if (synced === null || synced.contentVersion === before.contentVersion) return false;
  return local !== null && sameContent(local.content, synced.content) && !sameContent(before.content, synced.content);
}

function isConfirmed(hold: Hold | undefined): boolean {
  return hold !== undefined && hold.confirmed !== null;
}
