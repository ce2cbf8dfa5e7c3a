import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { formatAgo, formatMoment } from '../words/format.ts';

/*
 * One clock for the page: it ticks once a second while anything shows a time, and stands still otherwise.
 */
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    nowMs = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  nowMs = Date.now();
  for (const listener of [...listeners]) listener();
}

/** The page's clock. It renders anew each second. */
export function useNowMs(): number {
  return useSyncExternalStore(
    subscribe,
    () => nowMs,
    () => nowMs,
  );
}

/** "3s ago", by a text that changes only when the words do. */
export function useAgo(atMs: number): string {
  const { t, i18n } = useTranslation();
  return useSyncExternalStore(
    subscribe,
    () => formatAgo(i18n.language, atMs, nowMs) ?? t('time.justNow'),
    () => formatAgo(i18n.language, atMs, nowMs) ?? t('time.justNow'),
  );
}

export function RelativeTime({ atMs }: { readonly atMs: number }) {
  const { i18n } = useTranslation();
  const ago = useAgo(atMs);
  return (
    <time className="figures" dateTime={new Date(atMs).toISOString()} title={formatMoment(i18n.language, atMs)}>
      {ago}
    </time>
  );
}
