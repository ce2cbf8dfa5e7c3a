import { existsSync } from 'node:fs';
import { toOnefoldError } from '@onefold/protocol';
import type { ServerConfig } from '../config.ts';
import type { DataFolder } from '../data-folder.ts';
import { openEngines, openPacks, takeFolderOf, type Engines } from '../open-engines.ts';
import { checkLog } from './check-log.ts';
import { checkObjects } from './check-packs.ts';
import { isDamage, orDamage, type Damage, type Note } from './damage.ts';
import { fsck, unreadable, type FsckReport } from './fsck.ts';
import { markDamaged, type Repaired } from './repair.ts';

/** `onefold-server admin fsck`: 0 when all is sound, 1 when something is damaged. Throws `daemon-running` while a server uses the folder. */
export async function runFsck(config: ServerConfig, isJson: boolean, isRepair: boolean): Promise<number> {
  const folder = takeFolderOf(config, 'existing');
  try {
    const report = await checkFolder(config, folder, isRepair);
    if (isJson)
      process.stdout.write(`${JSON.stringify({ event: 'fsck', isSound: report.damage.length === 0, ...report })}\n`);
    else {
      for (const { what, text } of report.damage) process.stdout.write(`damage (${what}): ${text}\n`);
      const { lostBlocks, foundBlocks = 0, missingBlocks = 0 } = report;
      if (lostBlocks !== undefined)
        process.stdout.write(
          `${lostBlocks} blocks marked as missing, ${foundBlocks} found again, ${missingBlocks} missing now` +
            `${missingBlocks === 0 ? '' : ': put their packs back from a backup, or have the files written anew on a device'}\n`,
        );
      process.stdout.write(
        `${report.users} users, ${report.namespaces} namespaces, ${report.entries} entries, ${report.packs} packs, ${report.blocks} blocks, ` +
          `${report.strayObjects.length} stray objects: ${report.damage.length === 0 ? 'sound' : `${report.damage.length} damaged`}\n`,
      );
    }
    return report.damage.length === 0 ? 0 : 1;
  } finally {
    folder.release();
  }
}

/** What was repaired is undefined where nothing was to be, or could be. */
export interface FolderReport extends FsckReport, Partial<Repaired> {}

/** Checks what a configuration stands on, and then marks what devices can send again, if asked to. */
export async function checkFolder(config: ServerConfig, folder: DataFolder, isRepair: boolean): Promise<FolderReport> {
  const inFiles = checkFiles(config, folder);
  let engines: Engines;
  try {
    engines = await openEngines(config, folder, { nowMs: Date.now, onError: () => undefined });
  } catch (thrown) {
    // Written by a newer server is no damage, and nothing for this one to look at.
    if (!isDamage(thrown) || toOnefoldError(thrown).code === 'state-newer') throw thrown;
    return unreadable(thrown, await checkPacksAlone(config, folder), inFiles);
  }
  try {
    const found = await fsck(engines.metadata, engines.packs);
    return {
      ...found,
      damage: [...inFiles, ...found.damage],
      ...(isRepair ? await markDamaged(engines.metadata, engines.packs, Date.now()) : {}),
    };
  } finally {
    await engines.close();
  }
}

/** What the database would pass by without a word when it is opened: hence before. */
function checkFiles(config: ServerConfig, { databaseFile }: DataFolder): Damage[] {
  const log = `${databaseFile}-wal`;
  if (config.postgres !== undefined || !existsSync(log)) return [];
  return checkLog(log).map((text): Damage => ({ what: 'database', text }));
}

/** Packs by themselves, where no database names them. */
async function checkPacksAlone(config: ServerConfig, folder: DataFolder): Promise<{ packs: number; damage: Damage[] }> {
  const damage: Damage[] = [];
  const note: Note = (what, text) => void damage.push({ what, text });
  const count = await orDamage(note, 'packs', async () => {
    const packs = await openPacks(config, folder, { nowMs: Date.now });
    try {
      return await checkObjects(packs, note);
    } finally {
      await packs.close();
    }
  });
  return { packs: count ?? 0, damage };
}
