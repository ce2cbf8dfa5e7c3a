import type { RetentionPolicy } from '@onefold/protocol';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

export interface KeptVersion {
  readonly version: number;
  readonly acceptedAtMs: number;
}

/** Thinning keeps the newest version of each span; `null` = every version. A version is as old as the time since it was accepted. */
const SPANS: readonly { readonly belowAgeMs: number; readonly spanMs: number | null }[] = [
  { belowAgeMs: DAY_MS, spanMs: null },
  { belowAgeMs: WEEK_MS, spanMs: HOUR_MS },
  { belowAgeMs: 30 * DAY_MS, spanMs: DAY_MS },
  { belowAgeMs: Infinity, spanMs: WEEK_MS },
];

/**
 * Which versions of one file the policy lets go. `versions` in ascending order, the last one is the current one, which always stays. Days count from when
 * a version was replaced: what was overwritten yesterday is had back for so many days, however old it is. A clock that stands before a version keeps it.
 */
export function versionsToPurge(
  versions: readonly KeptVersion[],
  policy: RetentionPolicy,
  nowMs: number,
): readonly number[] {
  const current = versions.at(-1);
  const seen = new Set<string>();
  const doomed: number[] = [];
  let kept = 0;
  for (const [i, { version, acceptedAtMs }] of [...versions.entries()].reverse()) {
    const span = spanOf(acceptedAtMs, nowMs);
    const isThinned = policy.isThinned && span !== null && seen.has(span);
    if (span !== null) seen.add(span);
    const replacedAtMs = versions[i + 1]?.acceptedAtMs ?? nowMs;
    const isTooOld = policy.versionDays !== null && nowMs - replacedAtMs >= policy.versionDays * DAY_MS;
    const isTooMany = policy.versionCount !== null && kept >= policy.versionCount;
    if (version !== current?.version && (isThinned || isTooOld || isTooMany)) doomed.push(version);
    else kept++;
  }
  return doomed.reverse();
}

function spanOf(atMs: number, nowMs: number): string | null {
  const { spanMs } = SPANS.find(({ belowAgeMs }) => nowMs - atMs < belowAgeMs) ?? { spanMs: null };
  return spanMs === null ? null : `${spanMs}/${Math.floor(atMs / spanMs)}`;
}
