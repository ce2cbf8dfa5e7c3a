import { ERROR_REACTIONS, type NodeId } from '@onefold/protocol';
import type { Clock, Intent, Random, Store } from '../ports.ts';
import { backOffMs } from './back-off.ts';
import type { Patience } from './session-parts.ts';

const MAX_LOADED = 100_000;
/** A wall clock that was set back must not make anything wait for years. */
const MAX_WAIT_MS = 15 * 60_000;

export function createPatience(store: Store, clock: Clock, random: Random): Patience {
  const intents = new Map<NodeId, Intent>();
  /** Of these, the ones whose rows may have come to rest since somebody looked. */
  const changed = new Set<NodeId>();
  /** By the clock that nobody sets: while it runs, a wall clock that was set back holds nothing up either. */
  const dueAtMs = new Map<NodeId, number>();

  function remainingMs({ node }: Intent): number {
    return Math.max(0, (dueAtMs.get(node) ?? 0) - clock.monotonicMs());
  }

  function put(intent: Intent): void {
    intents.set(intent.node, intent);
    const leftMs = Math.min(Math.max(0, intent.retryAtMs - clock.nowMs()), MAX_WAIT_MS);
    dueAtMs.set(intent.node, clock.monotonicMs() + leftMs);
  }

  return {
    async load() {
      intents.clear();
      for (const intent of await store.intents(MAX_LOADED)) put(intent);
      for (const node of intents.keys()) changed.add(node);
    },
    isWaiting(node) {
      const intent = intents.get(node);
      return intent !== undefined && remainingMs(intent) > 0;
    },
    async failed(node, direction, code) {
      const known = intents.get(node);
      const attempts = (known?.attempts ?? 0) + 1;
      const nowMs = clock.nowMs();
      const isSoon = ERROR_REACTIONS[code] === 'retry' && attempts <= 3;
      // A lost race is planned anew at once; what is being written to is looked at again first.
      const soonMs = 100 * (code === 'commit-conflict' ? attempts - 1 : attempts);
      const retryAtMs = nowMs + (isSoon ? soonMs : backOffMs(attempts, random.fraction()));
      const intent: Intent = { node, direction, sinceMs: known?.sinceMs ?? nowMs, attempts, retryAtMs, code };
      put(intent);
      changed.add(node);
      await store.commit({ intents: { put: [intent] } });
    },
    async done(nodes) {
      const remove = nodes.filter((node) => intents.delete(node));
      if (remove.length > 0) await store.commit({ intents: { remove } });
    },
    nextDueMs() {
      let soonest: number | null = null;
      for (const intent of intents.values()) {
        const leftMs = remainingMs(intent);
        if (leftMs > 0) soonest = Math.min(soonest ?? Infinity, leftMs);
      }
      return soonest;
    },
    waitingCount: () => [...intents.values()].filter((intent) => remainingMs(intent) > 0).length,
    codeOf: (node) => intents.get(node)?.code ?? null,
    hurry() {
      for (const intent of intents.values()) put({ ...intent, retryAtMs: 0 });
    },
    list: () => [...intents.values()],
    note(rows) {
      for (const { node } of rows) if (intents.has(node)) changed.add(node);
    },
    takeChanged() {
      const nodes = [...changed].filter((node) => intents.has(node));
      changed.clear();
      return nodes;
    },
  };
}
