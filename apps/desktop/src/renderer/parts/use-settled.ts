import { useEffect, useState } from 'react';

const RESTS_MS = 250;

/** A value that is being typed, once it has rested for a moment: what asks the daemon for each would ask far too often. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), RESTS_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
