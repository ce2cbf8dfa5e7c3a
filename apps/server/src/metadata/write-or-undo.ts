import type { MetadataDatabase, Writer } from './database.ts';

/**
 * A transaction that records something made outside the database. If its work throws, `undo` runs: nothing was recorded. A failure of COMMIT itself tells
 * nothing, so nothing is undone then.
 */
export async function writeOrUndo<T>(
  metadata: MetadataDatabase,
  work: (writer: Writer) => Promise<T>,
  undo: () => Promise<unknown>,
): Promise<T> {
  const state = { hasRolledBack: false };
  try {
    return await metadata.write(async (writer) => {
      state.hasRolledBack = false;
      try {
        return await work(writer);
      } catch (thrown) {
        state.hasRolledBack = true;
        throw thrown;
      }
    });
  } catch (thrown) {
    if (state.hasRolledBack) await undo();
    throw thrown;
  }
}
