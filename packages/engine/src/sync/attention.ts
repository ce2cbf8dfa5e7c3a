import type { Attention, Clock, Store } from '../ports.ts';
import type { AttentionBook } from './session-parts.ts';

/** Files that are told by name, of those that wait for one reason. */
export const MOST_NAMED = 100;

export function createAttentionBook(store: Store, clock: Clock, changed: () => void): AttentionBook {
  const items = new Map<string, Attention>();
  return {
    async load() {
      items.clear();
      for (const item of await store.attention()) items.set(item.id, item);
    },
    list: () => [...items.values()],
    get: (id) => items.get(id),
    async raise({ id, code, path, message, detail = '' }) {
      const known = items.get(id);
      if (
        known !== undefined &&
        known.code === code &&
        known.path === path &&
        known.message === message &&
        known.detail === detail
      )
        return;
      const item: Attention = { id, code, path, message, detail, sinceMs: known?.sinceMs ?? clock.nowMs() };
      items.set(id, item);
      await store.commit({ attention: { put: [item] } });
      changed();
    },
    async clear(ids) {
      const remove = ids.filter((id) => items.delete(id));
      if (remove.length === 0) return;
      await store.commit({ attention: { remove } });
      changed();
    },
  };
}
