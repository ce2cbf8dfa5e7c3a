import type { NodeId } from '@onefold/protocol';
import { isChangedOver, overlook } from '../core/overlook.ts';
import { isAlive, sameContent, samePlace } from '../core/settled.ts';
import type { ContentValue, NodeRow } from '../core/tree.ts';
import { OTHERS_SEND_WITHIN_MS } from './lost-contents.ts';
import type { Unheld } from './session-parts.ts';
import { record, type Session } from './session.ts';
import { succeed } from './succeed.ts';

/** Who has it hears of the loss when the head is next asked for, at the latest a minute later. */
const LONG_ENOUGH_MS = OTHERS_SEND_WITHIN_MS + 60_000;
const ROWS_AT_ONCE = 1_000;

interface Missed {
  readonly version: number;
  /** A server that was restored counts its versions anew. */
  readonly content: ContentValue | null;
  /** By the clock that nobody sets. */
  readonly sinceMs: number;
  /** Whether an older version of it stood here when it turned out to be lost; null before that. */
  readonly stood: boolean | null;
}

/** Its bytes are to be read, or it stands elsewhere now: neither needs the version that is lost. */
function isToSay({ local, synced }: NodeRow): boolean {
  if (local === null) return false;
  return local.content === null || (synced !== null && !samePlace(local, synced));
}

export function createUnheld(session: () => Session): Unheld {
  /** By node: the version that was to be fetched and is not on the server. */
  const missed = new Map<NodeId, Missed>();
  /** Recorded since somebody looked: rows of what is lost, and what may have taken its name. */
  const touched = new Set<NodeId>();

  const nameVersion = ({ remote }: NodeRow) => ({
    version: remote?.contentVersion ?? -1,
    content: remote?.content ?? null,
  });

  function known(row: NodeRow): Missed | undefined {
    const its = missed.get(row.node);
    const { version, content } = nameVersion(row);
    return its?.version === version && sameContent(its.content, content) ? its : undefined;
  }

  const isLost = (row: NodeRow): boolean => known(row)?.stood != null;

  /** What waits, and has its name taken here by something else, is looked at again. */
  async function holdersOfNames(rows: readonly NodeRow[]): Promise<NodeId[]> {
    const places = rows.flatMap(({ local }) => (local === null ? [] : [{ parent: local.parent, name: local.name }]));
    const found = places.length === 0 ? [] : await session().ports.store.childrenByName('remote', places);
    return found.flatMap((row) => (row !== undefined && row.local === null && isLost(row) ? [row.node] : []));
  }

  return {
    async load() {
      const { patience, ports } = session();
      const lost = patience.list().filter(({ code }) => code === 'content-lost');
      missed.clear();
      const rows = lost.length === 0 ? [] : await ports.store.rows(lost.map(({ node }) => node));
      for (const row of rows) {
        if (row === undefined) continue;
        missed.set(row.node, { ...nameVersion(row), sinceMs: -Infinity, stood: row.local !== null });
        touched.add(row.node);
      }
    },
    isForLong(row) {
      const nowMs = session().ports.clock.monotonicMs();
      const its = known(row);
      if (its === undefined) {
        missed.set(row.node, { ...nameVersion(row), sinceMs: nowMs, stood: null });
        return false;
      }
      if (nowMs - its.sinceMs < LONG_ENOUGH_MS) return false;
      if (its.stood !== null) return true;
      missed.set(row.node, { ...its, stood: row.local !== null });
      touched.add(row.node);
      return true;
    },
    isLost,
    async settle() {
      const nodes = [...touched];
      touched.clear();
      for (let at = 0; at < nodes.length; at += ROWS_AT_ONCE) {
        const found = await session().ports.store.rows(nodes.slice(at, at + ROWS_AT_ONCE));
        const rows = found.filter((row) => row !== undefined);
        const changed = rows.filter((row) => isLost(row) && isChangedOver(row, missed.get(row.node)!.stood === true));
        if (changed.length > 0) await record(session(), { rows: changed.map(overlook) });
        for (const { node } of changed) touched.delete(node);
        // Nothing is waited for any more.
        await succeed(session(), changed);
        const asked = rows.filter((row) => isLost(row) && isToSay(row));
        await session().patience.done([...asked.map(({ node }) => node), ...(await holdersOfNames(rows))]);
      }
    },
    async note(rows) {
      if (missed.size === 0) return;
      const isOver = (row: NodeRow): boolean =>
        missed.has(row.node) && (known(row) === undefined || !isAlive(row.remote));
      const others = rows.filter(isOver);
      for (const { node } of others) missed.delete(node);
      for (const { node, local, remote } of rows)
        if (missed.has(node) || (local !== null && (remote === null || !samePlace(local, remote)))) touched.add(node);
      await succeed(session(), others);
    },
  };
}
