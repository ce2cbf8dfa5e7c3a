import { useEffect, useState } from 'react';
import { lineChanges } from '../model/line-changes.ts';
import type { LineChanges } from '../model/line-changes.ts';

interface Compared {
  readonly before: string;
  readonly after: string;
  readonly changes: LineChanges | null;
}

/**
 * What differs between two texts.
 * @returns undefined while they are compared, and where there are none; null where they have too little in common
 */
export function useLineChanges(before: string | null, after: string | null): LineChanges | null | undefined {
  const [compared, setCompared] = useState<Compared | null>(null);
  useEffect(() => {
    if (before === null || after === null) return undefined;
    let isWanted = true;
    void lineChanges(before, after).then((changes) => {
      if (isWanted) setCompared({ before, after, changes });
    });
    return () => {
      isWanted = false;
    };
  }, [before, after]);
  return compared !== null && compared.before === before && compared.after === after ? compared.changes : undefined;
}
