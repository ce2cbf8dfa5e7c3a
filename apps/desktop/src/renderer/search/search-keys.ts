import { useEffect } from 'react';

/** @returns whether a key press asks for the search: Ctrl K, or Command K */
function asksForSearch(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  return event.key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey;
}

/** Calls back when the search is asked for by keyboard, from wherever one is; a dialog that waits for an answer comes first. */
export function useSearchKeys(onAsked: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!asksForSearch(event) || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      onAsked();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [onAsked]);
}

/** As it stands on the keys of this computer. */
export const SEARCH_KEYS = /Mac|iPhone|iPad/u.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';
