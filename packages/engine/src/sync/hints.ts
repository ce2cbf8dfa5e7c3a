import type { RelPath } from '../core/tree.ts';
import type { Clock } from '../ports.ts';

/** What a watcher does not tell within this time it has missed. */
const SILENT_MS = 1_000;

/*
 * Paths to be looked at, and whether anybody told of them:
 *
 *   told by a watcher --> looked at
 *   suspected by this engine --> looked at, and missing --> told of soon after, itself or a folder above it: all is well
 *                                                      \--> nobody tells: the watcher missed that, and perhaps where it went
 */
export interface Hints {
  readonly paths: ReadonlySet<RelPath>;
  /** A watcher told of it, or a look at something else did. */
  readonly add: (path: RelPath) => void;
  /** Of this engine's own accord. */
  readonly suspect: (path: RelPath) => void;
  /** All of them, and which of them nobody told of; none is left. */
  take(): { readonly paths: readonly RelPath[]; readonly untold: ReadonlySet<RelPath> };
  /** Nothing stands there any more, and nobody has told of that. */
  missing(path: RelPath): void;
  /** Once for what is missing for long and was not told of: only a look at everything says where it may be. */
  isSilent(): boolean;
  /** Until it is known whether somebody tells of what is missing; null where that is not waited for. */
  nextDueMs(): number | null;
  /** A folder was moved by this engine, and with it what is below it. */
  relocate(from: RelPath, to: RelPath): void;
}

export function createHints(clock: Clock): Hints {
  const paths = new Set<RelPath>();
  const untold = new Set<RelPath>();
  const missing = new Map<RelPath, number>();

  return {
    paths,
    add(path) {
      paths.add(path);
      untold.delete(path);
      for (const known of missing.keys()) if (known === path || known.startsWith(`${path}/`)) missing.delete(known);
    },
    suspect(path) {
      if (!paths.has(path)) untold.add(path);
      paths.add(path);
    },
    take() {
      const taken = { paths: [...paths], untold: new Set(untold) };
      paths.clear();
      untold.clear();
      return taken;
    },
    missing(path) {
      if (!missing.has(path)) missing.set(path, clock.monotonicMs());
    },
    isSilent() {
      const since = [...missing].filter(([, sinceMs]) => clock.monotonicMs() - sinceMs >= SILENT_MS);
      for (const [path] of since) missing.delete(path);
      return since.length > 0;
    },
    nextDueMs() {
      if (missing.size === 0) return null;
      return Math.max(0, Math.min(...missing.values()) + SILENT_MS - clock.monotonicMs());
    },
    relocate(from, to) {
      for (const path of [...paths].filter((one) => one.startsWith(`${from}/`))) {
        const next = to + path.slice(from.length);
        paths.delete(path);
        paths.add(next);
        if (untold.delete(path)) untold.add(next);
      }
    },
  };
}
