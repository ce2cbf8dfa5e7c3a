import type { MetadataDatabase } from './metadata/database.ts';

/**
 * Work that one node does at a time. A lease is held until its time is up or it is given back; a node that dies in the middle holds the others up for that
 * long and no longer. Work under a lease must stand to be done twice: the clock of a stopped node runs out without its noticing.
 */
export interface Lease {
  /** Takes the lease, or makes one's own last longer. False: another node has it. */
  hold(): Promise<boolean>;
  giveBack(): Promise<void>;
}

/** No lease lasts so long: whoever took it had a clock that was wrong, and may have died with it. */
const IMPLAUSIBLE_MS = 24 * 3_600_000;

export function createLease(
  { metadata, nowMs }: { readonly metadata: MetadataDatabase; readonly nowMs: () => number },
  options: { readonly name: string; readonly holder: string; readonly lastsMs: number },
): Lease {
  const { name, holder } = options;
  return {
    hold: () =>
      metadata.write(async (writer) => {
        const now = nowMs();
        await metadata.sql.insertMany(writer, 'lease', [{ name, holder: '', until_ms: 0 }], 'keep');
        const { numUpdatedRows } = await writer
          .updateTable('lease')
          .set({ holder, until_ms: now + options.lastsMs })
          .where('name', '=', name)
          .where((eb) =>
            eb.or([eb('holder', '=', holder), eb('until_ms', '<=', now), eb('until_ms', '>', now + IMPLAUSIBLE_MS)]),
          )
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    async giveBack() {
      await metadata.write((writer) =>
        writer
          .updateTable('lease')
          .set({ until_ms: 0 })
          .where('name', '=', name)
          .where('holder', '=', holder)
          .execute(),
      );
    },
  };
}
