import { useEffect, useState } from 'react';

interface Page {
  readonly next?: string | undefined;
}

/**
 * The pages after the first, one more each time it is asked for. When the first page is another one, as many as before are fetched again.
 * @param first null until it has come
 * @param ask must stay the same function as long as it asks for the same
 * @returns `more` is null on the last page
 */
export function usePages<P extends Page>(
  first: P | null,
  ask: (after: string) => Promise<P | null>,
): { readonly pages: readonly P[]; readonly more: (() => void) | null } {
  const [wanted, setWanted] = useState(1);
  const [held, setHeld] = useState<{ readonly first: P | null; readonly rest: readonly P[] }>({
    first: null,
    rest: [],
  });
  const rest = held.first === first ? held.rest : [];
  const pages: readonly P[] = first === null ? [] : [first, ...rest];
  const next = pages.at(-1)?.next;
  const isShort = pages.length < wanted;
  useEffect(() => {
    if (first === null || next === undefined || !isShort) return undefined;
    let isAwaited = true;
    void ask(next).then((page) => {
      if (!isAwaited || page === null) return;
      setHeld((before) => ({ first, rest: [...(before.first === first ? before.rest : []), page] }));
    });
    return () => {
      isAwaited = false;
    };
  }, [first, next, isShort, ask]);
  return { pages, more: next === undefined ? null : () => setWanted(pages.length + 1) };
}
