import { existsSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol';
import type { ServerConfig } from '../config.ts';
import { takeDataFolder } from '../data-folder.ts';
import { openEngines } from '../open-engines.ts';
import { fsck } from './fsck.ts';
import { markDamaged } from './repair.ts';

/** `onefold-server admin fsck`: 0 when all is sound, 1 when something is damaged. Throws `daemon-running` while a server uses the folder. */
export async function runFsck(config: ServerConfig, isJson: boolean, isRepair: boolean): Promise<number> {
  if (!existsSync(config.data)) throw new OnefoldError('not-found', `there is no data folder ${config.data}`);
  const folder = takeDataFolder(config.data);
  try {
    const engines = await openEngines(config, folder, { nowMs: Date.now, onError: () => undefined });
    const check = async () => {
      const found = await fsck(engines.metadata, engines.packs);
      return { ...found, lostBlocks: isRepair ? await markDamaged(engines.metadata, engines.packs) : undefined };
    };
    const report = await check().finally(() => engines.close());
    if (isJson)
      process.stdout.write(`${JSON.stringify({ event: 'fsck', isSound: report.damage.length === 0, ...report })}\n`);
    else {
      for (const { what, text } of report.damage) process.stdout.write(`damage (${what}): ${text}\n`);
      if (report.lostBlocks !== undefined)
        process.stdout.write(
          `${report.lostBlocks} blocks marked as missing: devices send them again when they use them\n`,
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
