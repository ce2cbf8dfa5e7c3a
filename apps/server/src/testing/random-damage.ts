import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { purgeResponse, ROOT_NODE, type Change, type NameTag, type NodeId } from '@onefold/protocol';
import { emailKey } from '../accounts/create-account.ts';
import { checkFolder, type FolderReport } from '../admin/fsck-command.ts';
import { resolveConfig } from '../config.ts';
import { takeDataFolder } from '../data-folder.ts';
import { startServer } from '../server.ts';
import { bytes, randomId } from './test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './test-client.ts';

/* A server's data folder, damaged at random, and what of the damage must be found. */

/** What stands in one place only, so that nothing tells whether it is still what it was. docs/OPERATIONS.md names them. */
const STANDS_ONCE = new Set([
  'setting.value',
  'setting.name',
  ...['display_name', 'picture', 'salt', 'kdf_memory_kib', 'kdf_passes', 'kdf_lanes', 'auth_verifier'].map(ofUser),
  ...['recovery_verifier', 'created_at_ms', 'quota_bytes'].map(ofUser),
  ...['version', 'push_id', 'client_version', 'last_seen_ms', 'quiet_until_ms'].map(ofDevice),
  ...['is_in_step', 'in_step_ms'].map(ofDevice),
  ...['generation', 'recipient_kind', 'recipient', 'sealed', 'user'].map((name) => `key_box.${name}`),
  ...['recovery_epoch', 'quota_bytes', 'created_at_ms', 'lost_revision'].map((name) => `namespace.${name}`),
  'member.version',
  ...['hidden_at_ms', 'purge_state'].map((name) => `node.${name}`),
  ...['device', 'stored_at_ms'].map((name) => `pack.${name}`),
  'block.unreferenced_at_ms',
  'entry.accepted_at_ms',
  'migration.applied_at_ms',
  'migration.name',
]);
/** Work under way and its traces: it ends or is begun anew by itself. */
const PASSING = new Set([
  'session',
  'challenge',
  'upload',
  'upload_block',
  'audit',
  'presence',
  'lease',
  'retention_pass',
  'login_attempt',
  'dead_object',
  'thinned_pack',
  'direct_pack',
]);

function ofDevice(name: string): string {
  return `device.${name}`;
}

function ofUser(name: string): string {
  return `user.${name}`;
}

export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0;
    return Math.floor(((Math.imul(state, 1_664_525) >>> 0) / 2 ** 32) * below);
  };
}

export interface SoundFolder {
  /** As it is when the server has stopped, and as it was just before, with the database's log. */
  readonly stopped: string;
  readonly running: string;
  /** The second of two accounts, and its blocks. */
  readonly client: TestClient;
  readonly blocks: readonly TestBlock[];
  remove(): void;
}

/** The folder of two accounts with files, versions, deleted files and one that is purged. */
export async function makeSoundFolder(): Promise<SoundFolder> {
  const blocks: TestBlock[] = [];
  let last: TestClient | undefined;
  const data = mkdtempSync(join(tmpdir(), 'onefold-server-'));
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  for (let user = 0; user < 2; user++) {
    const client = await createClient(server.url);
    last = client;
    const save = async (changes: Change[], sent: readonly TestBlock[]): Promise<void> => {
      blocks.push(...(user === 1 ? sent : []));
      const answer = valueOf(await client.commit(changes, sent.length === 0 ? {} : { pack: packOf(sent) }));
      expect(answer.outcome).toBe('committed');
    };
    for (let i = 0; i < 8; i++) {
      const first = [randomBlock(), randomBlock(3_000), randomBlock(20_000)];
      const [file, folder] = [randomId<NodeId>(16), randomId<NodeId>(16)];
      await save([createFolder({ node: folder }), createFile(first, { node: file, parent: folder })], first);
      const [added, dropped] = [randomBlock(5_000), first[0] as TestBlock];
      const edit = { added: [[added.ctHash, added.sealed.length] as const], dropped: [dropped.ctHash] };
      await save([{ op: 'content', node: file, base: 1, ...edit, sealed: bytes(256) } as Change], [added]);
      const place = { parent: ROOT_NODE, nameTag: randomId<NameTag>(32), sealed: bytes(256) };
      if (i % 4 === 0) await save([{ op: 'place', node: file, base: 1, ...place, hidden: true }], []);
    }
    if (user === 1) continue;
    const gone = randomId<NodeId>(16);
    const block = randomBlock();
    await save([createFile([block], { node: gone })], [block]);
    const place = { parent: ROOT_NODE, nameTag: randomId<NameTag>(32), sealed: bytes(256) };
    await save([{ op: 'place', node: gone, base: 1, ...place, hidden: true }], []);
    valueOf(await client.call('DELETE', client.path(`/nodes/${gone}`), purgeResponse));
  }
  const running = mkdtempSync(join(tmpdir(), 'onefold-server-'));
  cpSync(data, running, { recursive: true });
  await server.close();
  if (last === undefined) throw new Error('no client');
  return {
    ...{ stopped: data, running, client: last, blocks },
    remove() {
      for (const folder of [data, running]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Damages one file at one place, as disks and people do. Answers what was done. */
export function damage(file: string, below: (n: number) => number): string {
  const content = readFileSync(file);
  const at = below(content.length);
  const length = 1 + below(Math.min(2 ** below(13), content.length - at));
  const kinds = content.length === 0 ? ['longer', 'gone'] : ['bit', 'zeros', 'noise', 'torn', 'cut', 'longer', 'gone'];
  const kind = kinds[below(kinds.length)] ?? '';
  switch (kind) {
    case 'bit':
      content[at] = (content[at] ?? 0) ^ (1 << below(8));
      writeFileSync(file, content);
      break;
    case 'zeros':
      writeFileSync(file, content.fill(0, at, at + length));
      break;
    case 'noise':
      for (let i = at; i < at + length; i++) content[i] = below(256);
      writeFileSync(file, content);
      break;
    case 'torn':
      // One sector of a page is what stands elsewhere in the file.
      content.copyWithin(at - (at % 512), below(Math.max(1, content.length - 512)) & ~511, content.length);
      writeFileSync(file, content.subarray(0, readFileSync(file).length));
      break;
    case 'cut':
      truncateSync(file, at);
      break;
    case 'longer':
      writeFileSync(file, Buffer.concat([content, bytes(1 + below(5_000))]));
      break;
    case 'gone':
      rmSync(file);
  }
  return `${kind} at ${at} (${length} of ${content.length})`;
}

export async function check(data: string, isRepair = false): Promise<FolderReport> {
  const folder = takeDataFolder(data);
  try {
    return await checkFolder(resolveConfig({ data }), folder, isRepair);
  } finally {
    folder.release();
  }
}

export type Dump = Map<string, Record<string, unknown>[]>;

/** Every row of every table, in order of their keys. Throws where the database cannot be read. */
export function dump(data: string): Dump {
  const database = new Database(join(data, 'metadata.db'), { readonly: true, fileMustExist: true });
  try {
    const tables = database.prepare(`select name from sqlite_master where type = 'table' order by name`).all();
    return new Map(
      (tables as { name: string }[]).map(({ name }) => {
        const rows = database.prepare(`select * from "${name}" not indexed`).all() as Record<string, unknown>[];
        return [name, rows];
      }),
    );
  } finally {
    database.close();
  }
}

const cell = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : JSON.stringify(value);

/** Capitals in an address stand once: how it is compared leaves them out. */
function cellOf(table: string, column: string, row: Readonly<Record<string, unknown>> | undefined): string {
  const value = row?.[column];
  return cell(table === 'user' && column === 'email' && typeof value === 'string' ? emailKey(value) : value);
}

/** Columns in which two databases differ; `TABLE.*` where rows are missing or new. Undefined where the second cannot be read at all. */
export function differences(before: Dump, data: string): string[] | undefined {
  let after: Dump;
  try {
    after = dump(data);
  } catch {
    return undefined;
  }
  const found = new Set<string>();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(name) ?? [], after.get(name) ?? []];
    if (a.length !== b.length) found.add(`${name}.*`);
    else
      a.forEach((row, i) => {
        for (const column of Object.keys(row))
          if (cellOf(name, column, row) !== cellOf(name, column, b[i])) found.add(`${name}.${column}`);
      });
  }
  return [...found];
}

export const mustBeFound = (difference: string): boolean =>
  !STANDS_ONCE.has(difference) && !PASSING.has(difference.split('.')[0] ?? '');
