export type CoverageJson = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How often each thing happened, by kind: acts, faults, error codes, rows of the policy table. */
export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>();

  count(kind: string, label: string, times = 1): void {
    let counts = this.#counts.get(kind);
    if (counts === undefined) this.#counts.set(kind, (counts = new Map<string, number>()));
    counts.set(label, (counts.get(label) ?? 0) + times);
  }

  add(other: Coverage): void {
    for (const [kind, counts] of other.#counts) for (const [label, times] of counts) this.count(kind, label, times);
  }

  addJson(other: CoverageJson): void {
    for (const [kind, counts] of Object.entries(other))
      for (const [label, times] of Object.entries(counts)) this.count(kind, label, times);
  }

  toJson(): CoverageJson {
    return Object.fromEntries(
      [...this.#counts].map(([kind, counts]) => [kind, Object.fromEntries([...counts].sort())]),
    );
  }

  of(kind: string): ReadonlyMap<string, number> {
    return this.#counts.get(kind) ?? new Map<string, number>();
  }

  times(kind: string, label: string): number {
    return this.of(kind).get(label) ?? 0;
  }

  /** A table for people, most frequent first. */
  report(): string {
    const lines: string[] = [];
    for (const [kind, counts] of [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(`${kind}:`);
      for (const [label, times] of [...counts].sort(([, a], [, b]) => b - a))
        lines.push(`  ${String(times).padStart(8)}  ${label}`);
    }
    return lines.join('\n');
  }
}
