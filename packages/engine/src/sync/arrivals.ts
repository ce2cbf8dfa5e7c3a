import type { NodeId } from '@onefold/protocol';
import type { Session } from './session.ts';
import type { Vacated } from './vacated.ts';

const ROWS_AT_ONCE = 1_000;

/** What was moved into another kept folder is deleted here only once the server has it there: until then nobody else would hold it. */
export interface Arrivals {
  /** Postpones what is on its way to the server elsewhere. */
  look(): Promise<void>;
  /** Those of them that wait there for a person. */
  held(): number;
}

export function createArrivals({ ports }: Session, vacated: Vacated): Arrivals {
  const { elsewhere, store } = ports;
  const held = new Set<NodeId>();
  return {
    async look() {
      const due = elsewhere === undefined ? [] : vacated.due();
      for (let at = 0; at < due.length; at += ROWS_AT_ONCE) {
        const rows = await store.rows(due.slice(at, at + ROWS_AT_ONCE));
        const local = rows.filter((row) => row?.local != null).map((row) => row!);
        const arrivals = await elsewhere!.arrivals(local.map((row) => row.local!.stat));
        local.forEach(({ node }, i) => {
          if (arrivals[i] === 'held') held.add(node);
          else held.delete(node);
          if (arrivals[i] !== 'none') vacated.postpone(node);
        });
      }
    },
    held() {
      for (const node of held) if (!vacated.isMissing(node)) held.delete(node);
      return held.size;
    },
  };
}
