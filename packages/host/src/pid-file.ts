import { readFile, rm } from 'node:fs/promises';
import { pidPath } from './home.ts';
import { writeWhole } from './write-whole.ts';

/** Names this process as the one that runs the engine of a home. The caller holds the home's lock. */
export async function keepPidFile(home: string): Promise<void> {
  await writeWhole(pidPath(home), `${process.pid}\n`, 0o644);
}

/** A pid file of a later process stays. */
export async function dropPidFile(home: string): Promise<void> {
  const text = await readFile(pidPath(home), 'utf8').catch(() => '');
  if (text.trim() === String(process.pid)) await rm(pidPath(home), { force: true });
}
