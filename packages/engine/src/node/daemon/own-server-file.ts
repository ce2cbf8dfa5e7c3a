import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../disk/durable-write.ts';
import { parseJson, readIfThere } from './home.ts';

/*
 * server.json in the home: the server that this computer runs for its user. As long as it is there, whoever runs the home's engine runs that server too.
 */
const ownServerSchema = z.object({
  format: z.literal(1),
  port: z.int().min(1).max(65_535),
  /** `here`: nobody but this computer. */
  reach: z.enum(['here', 'network']),
  /** As every device of the account has it. */
  address: z.url(),
});
export type OwnServerFile = Omit<z.infer<typeof ownServerSchema>, 'format'>;

const fileOf = (home: string): string => path.join(home, 'server.json');

/** Null where this computer runs none. Throws `state-corrupt`. */
export async function readOwnServer(home: string): Promise<OwnServerFile | null> {
  const bytes = await readIfThere(fileOf(home));
  if (bytes === null) return null;
  const { format: _, ...file } = parseJson(ownServerSchema, bytes);
  return file;
}

export async function writeOwnServer(home: string, file: OwnServerFile | null): Promise<void> {
  if (file === null) await rm(fileOf(home), { force: true });
  else await writeDurably(fileOf(home), `${JSON.stringify({ format: 1, ...file }, null, 2)}\n`);
}

/** Where a server is called: the one that runs here at its port, because this computer's address in the network may be another one by now. */
export async function dialAddress(home: string, address: string): Promise<string> {
  const own = await readOwnServer(home);
  return own?.address === address ? `http://127.0.0.1:${own.port}` : address;
}
