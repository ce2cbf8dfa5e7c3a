import type { NodeId } from '@onefold/protocol';
import type { NodeRow } from '../core/tree.ts';
import { succeed } from './fail.ts';
import { OTHERS_SEND_WITHIN_MS } from './lost-contents.ts';
import type { Unheld } from './session-parts.ts';
import type { Session } from './session.ts';

/** Who has it hears of the loss when the head is next asked for, at the latest a minute later. */
const LONG_ENOUGH_MS = OTHERS_SEND_WITHIN_MS + 60_000;

export function createUnheld(session: () => Session): Unheld {
  /** By node: the version that was to be fetched and is not on the server, and since when, by the clock that nobody sets. */
  const missed = new Map<NodeId, { readonly version: number; readonly sinceMs: number }>();

  const versionOf = ({ remote }: NodeRow): number => remote?.contentVersion ?? -1;

  return {
    async load() {
      const { patience, ports } = session();
      const lost = patience.list().filter(({ code }) => code === 'content-lost');
      missed.clear();
      const rows = lost.length === 0 ? [] : await ports.store.rows(lost.map(({ node }) => node));
      for (const row of rows)
        if (row !== undefined) missed.set(row.node, { version: versionOf(row), sinceMs: -Infinity });
    },
    isForLong(row) {
      const nowMs = session().ports.clock.monotonicMs();
      const known = missed.get(row.node);
      if (known?.version === versionOf(row)) return nowMs - known.sinceMs >= LONG_ENOUGH_MS;
      missed.set(row.node, { version: versionOf(row), sinceMs: nowMs });
      return false;
    },
    async note(rows) {
      if (missed.size === 0) return;
      const others = rows.filter((row) => missed.has(row.node) && missed.get(row.node)!.version !== versionOf(row));
      for (const { node } of others) missed.delete(node);
      await succeed(session(), others);
    },
  };
}
