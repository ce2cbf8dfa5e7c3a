import type { Bus } from './bus/bus.ts';
import { createLocalBus } from './bus/local.ts';
import type { ServerConfig } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { MetadataDatabase, OnStatement } from './metadata/database.ts';
import { openPostgres } from './metadata/postgres.ts';
import { openSqlite } from './metadata/sqlite.ts';
import { openDiskPackStore } from './packs/disk.ts';
import type { PackStore } from './packs/pack-store.ts';

/** What the server stands on: on one machine files of the data folder, on many nodes engines of their own. */
export interface Engines {
  readonly metadata: MetadataDatabase;
  readonly packs: PackStore;
  readonly bus: Bus;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
  readonly onStatement?: OnStatement;
}

/** Opens what the configuration names. Throws what the engines throw; then nothing stays open. */
export async function openEngines(config: ServerConfig, folder: DataFolder, options: EngineOptions): Promise<Engines> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const metadata = await openMetadata(config, folder, options);
    closers.push(() => metadata.close());
    const packs = await openDiskPackStore({ folder: folder.packsFolder, nowMs: options.nowMs });
    closers.push(() => packs.close());
    const bus = createLocalBus(options.onError);
    closers.push(() => bus.close());
    return { metadata, packs, bus, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function openMetadata(
  { postgres }: ServerConfig,
  folder: DataFolder,
  options: EngineOptions,
): Promise<MetadataDatabase> {
  if (postgres === undefined) return openSqlite(folder.databaseFile, options.nowMs, options.onStatement);
  return openPostgres({ ...postgres, ...options });
}
