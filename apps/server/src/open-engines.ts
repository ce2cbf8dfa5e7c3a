import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import type { Bus } from './bus/bus.ts';
import { createLocalBus } from './bus/local.ts';
import type { ServerConfig } from './config.ts';
import { NO_DATA_FOLDER, takeDataFolder, type DataFolder } from './data-folder.ts';
import { NO_PAGE_CACHE, type PageCache, type PageLookUp } from './journal/page-cache.ts';
import type { MetadataDatabase, OnStatement } from './metadata/database.ts';
import { openSqlite } from './metadata/sqlite.ts';
import { openDiskPackStore } from './packs/disk.ts';
import type { PackStore } from './packs/pack-store.ts';
import { mustBeOwn } from './packs/store-owner.ts';

/** What the server stands on: on one machine files of the data folder, on many nodes engines of their own. */
export interface Engines {
  readonly metadata: MetadataDatabase;
  readonly packs: PackStore;
  readonly bus: Bus;
  readonly pages: PageCache;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
  readonly onStatement?: OnStatement;
  readonly onPageLookUp?: (outcome: PageLookUp) => void;
  readonly onBusGap?: () => void;
}

/** Opens what the configuration names. Throws what the engines throw; then nothing stays open. */
export async function openEngines(config: ServerConfig, folder: DataFolder, options: EngineOptions): Promise<Engines> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const packs = await openPacks(config, folder, options);
    closers.push(() => packs.close());
    if (config.postgres === undefined) await mustBelongTogether(folder.databaseFile, packs);
    const metadata = await openMetadata(config, folder, options);
    closers.push(() => metadata.close());
    if (config.postgres !== undefined || config.s3 !== undefined) await mustBeOwn(metadata, packs);
    const bus = await openBus(config, options);
    closers.push(() => bus.close());
    const pages = await openPageCache(config, options);
    closers.push(() => Promise.resolve(pages.close()));
    return { metadata, packs, bus, pages, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** A database that is made anew names no pack: collection would take all that are there for what a crash left. Throws `state-corrupt`. */
async function mustBelongTogether(databaseFile: string, packs: PackStore): Promise<void> {
  if (existsSync(databaseFile) && statSync(databaseFile).size > 0) return;
  for await (const { objectKey } of packs.list())
    throw new OnefoldError(
      'state-corrupt',
      `metadata.db is missing or empty, and packs are there (${objectKey}): restore a backup`,
    );
}

/** Whether this node keeps anything itself. */
export function needsDataFolder({ postgres, s3 }: ServerConfig): boolean {
  return postgres === undefined || s3 === undefined;
}

/** Takes the data folder where there is anything to keep in it. Throws as `takeDataFolder`, and `not-found` for one that must be there and is not. */
export function takeFolderOf(config: ServerConfig, which: 'any' | 'existing' = 'any'): DataFolder {
  if (!needsDataFolder(config)) return NO_DATA_FOLDER;
  if (which === 'existing') mustHoldData(config);
  return takeDataFolder(config.data);
}

/** A mistyped folder would be made into an empty server's, and found sound. Throws `not-found`. */
function mustHoldData({ data, postgres }: ServerConfig): void {
  if (!existsSync(data)) throw new OnefoldError('not-found', `there is no data folder ${data}`);
  if (postgres === undefined && !['metadata.db', 'packs'].some((name) => existsSync(join(data, name))))
    throw new OnefoldError('not-found', `there is no server's data in ${data}`);
}

/** What speaks to other machines is loaded where it is used: it is most of what a server on one machine would hold. */
/** The store of packs alone. Throws as `openEngines`. */
export async function openPacks(
  { s3 }: ServerConfig,
  folder: DataFolder,
  { nowMs }: Pick<EngineOptions, 'nowMs'>,
): Promise<PackStore> {
  if (s3 === undefined) return openDiskPackStore({ folder: folder.packsFolder, nowMs });
  const { openS3PackStore } = await import('./packs/s3.ts');
  return openS3PackStore({ ...s3, nowMs });
}

/** Nodes of one database hear each other, whatever else uses the same Redis. */
const CHANNEL = 'onefold:bus:1';

async function openBus({ redis }: ServerConfig, { onError, onBusGap }: EngineOptions): Promise<Bus> {
  if (redis === undefined) return createLocalBus(onError);
  const { createRedisBus } = await import('./bus/redis.ts');
  return createRedisBus({ url: redis.url, channel: CHANNEL, onError, onGap: () => onBusGap?.() });
}

async function openPageCache({ redis }: ServerConfig, { onError, onPageLookUp }: EngineOptions): Promise<PageCache> {
  if (redis === undefined) return NO_PAGE_CACHE;
  const { createRedisPageCache } = await import('./journal/redis-page-cache.ts');
  return createRedisPageCache({ url: redis.url, onError, onLookUp: (outcome) => onPageLookUp?.(outcome) });
}

async function openMetadata(
  { postgres }: ServerConfig,
  folder: DataFolder,
  options: EngineOptions,
): Promise<MetadataDatabase> {
  if (postgres === undefined) return openSqlite(folder.databaseFile, options.nowMs, options.onStatement);
  const { openPostgres } = await import('./metadata/postgres.ts');
  return openPostgres({ ...postgres, ...options });
}
