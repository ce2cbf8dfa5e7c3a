import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { OnefoldError, purgeResponse, ROOT_NODE, type Change, type NameTag, type NodeId } from '@onefold/protocol';
import { resolveConfig } from '../config.ts';
import { loadConfig } from '../load-config.ts';
import { takeDataFolder } from '../data-folder.ts';
import { startServer } from '../server.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from '../testing/test-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { announce, putPack, unreadable } from '../testing/test-uploads.ts';
import { checkFolder, type FolderReport } from './fsck-command.ts';

/** More of them: ONEFOLD_RUNS=1000 ONEFOLD_SEED=1 */
const RUNS = Number(process.env['ONEFOLD_RUNS'] ?? 40);
const FIRST_SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 31);
const LIMIT_MS = 120_000 + 15_000 * RUNS;

/** What stands in one place only, so that nothing tells whether it is still what it was. docs/OPERATIONS.md names them. */
const STANDS_ONCE = new Set([
  'setting.value',
  'setting.name',
  ...['display_name', 'picture', 'salt', 'kdf_memory_kib', 'kdf_passes', 'kdf_lanes', 'auth_verifier'].map(ofUser),
  ...['recovery_verifier', 'created_at_ms', 'quota_bytes'].map(ofUser),
  ...['version', 'push_id', 'client_version', 'last_seen_ms', 'quiet_until_ms'].map((name) => `device.${name}`),
  ...['generation', 'recipient_kind', 'recipient', 'sealed', 'user'].map((name) => `key_box.${name}`),
  ...['recovery_epoch', 'quota_bytes', 'created_at_ms'].map((name) => `namespace.${name}`),
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

function ofUser(name: string): string {
  return `user.${name}`;
}

function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0;
    return Math.floor(((Math.imul(state, 1_664_525) >>> 0) / 2 ** 32) * below);
  };
}

const sound = { folder: '', blocks: [] as TestBlock[], client: undefined as TestClient | undefined };

beforeAll(async () => {
  const data = mkdtempSync(join(tmpdir(), 'onefold-server-'));
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  for (let user = 0; user < 2; user++) {
    const client = await createClient(server.url);
    sound.client = client;
    const save = async (changes: Change[], blocks: readonly TestBlock[]): Promise<void> => {
      sound.blocks.push(...(user === 1 ? blocks : []));
      const answer = valueOf(await client.commit(changes, blocks.length === 0 ? {} : { pack: packOf(blocks) }));
      expect(answer.outcome).toBe('committed');
    };
    for (let i = 0; i < 8; i++) {
      const blocks = [randomBlock(), randomBlock(3_000), randomBlock(20_000)];
      const [file, folder] = [randomId<NodeId>(16), randomId<NodeId>(16)];
      await save([createFolder({ node: folder }), createFile(blocks, { node: file, parent: folder })], blocks);
      const [added, dropped] = [randomBlock(5_000), blocks[0] as TestBlock];
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
  await server.close();
  sound.folder = data;
  return () => rmSync(data, { recursive: true, force: true });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Damages one file at one place, as disks and people do. Answers what was done. */
function damage(file: string, below: (n: number) => number): string {
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

async function check(data: string, isRepair = false): Promise<FolderReport> {
  const folder = takeDataFolder(data);
  try {
    return await checkFolder(resolveConfig({ data }), folder, isRepair);
  } finally {
    folder.release();
  }
}

type Dump = Map<string, Record<string, unknown>[]>;

/** Every row of every table, in order of their keys. Throws where the database cannot be read. */
function dump(data: string): Dump {
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
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (JSON.stringify(value) ?? '');

/** Columns in which two databases differ; `TABLE.*` where rows are missing or new. Undefined where the second cannot be read at all. */
function differences(before: Dump, data: string): string[] | undefined {
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
          if (cell(row[column]) !== cell(b[i]?.[column])) found.add(`${name}.${column}`);
      });
  }
  return [...found];
}

const mustBeFound = (difference: string): boolean =>
  !STANDS_ONCE.has(difference) && !PASSING.has(difference.split('.')[0] ?? '');

test('the folder is sound before it is damaged', async () => {
  expect((await check(sound.folder)).damage).toEqual([]);
});

describe(`damage at random (seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1})`, () => {
  test(
    'to any file is found and named',
    async () => {
      const before = dump(sound.folder);
      const data = temporaryFolder();
      const missed: string[] = [];
      let damaged = 0;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
        rmSync(data, { recursive: true, force: true });
        cpSync(sound.folder, data, { recursive: true });
        const below = seeded(seed);
        const packs = filesOf(data).filter((name) => name.startsWith('packs'));
        const others = filesOf(data).filter((name) => !name.startsWith('packs'));
        const from = below(3) === 0 ? packs : others;
        const name =
          below(4) === 0 ? (from[below(from.length)] ?? '') : from === packs ? (packs[0] ?? '') : 'metadata.db';
        const original = readFileSync(join(data, name));
        const done = `seed ${seed}: ${name}: ${damage(join(data, name), below)}`;
        const differs =
          name === 'metadata.db'
            ? (differences(before, data)?.filter(mustBeFound) ?? ['it cannot be read'])
            : packs.includes(name) && !(existsSync(join(data, name)) && readFileSync(join(data, name)).equals(original))
              ? ['pack']
              : [];
        if (differs.length > 0) damaged++;
        const report = await check(data);
        const kinds = new Set(report.damage.map(({ what }) => what));
        if (differs.length > 0 && report.damage.length === 0) missed.push(`${done}: ${differs.join(', ')}`);
        if (packs.includes(name) && differs.length > 0 && !kinds.has('pack'))
          missed.push(`${done}: not named as a pack's`);
        if (name === 'server.lock' && report.damage.length > 0) missed.push(`${done}: a lock holds nothing to damage`);
      }
      expect(missed).toEqual([]);
      expect(damaged).toBeGreaterThan(RUNS / 4);
    },
    LIMIT_MS,
  );

  test(
    'to packs is repaired by sending again what is missing',
    async () => {
      const data = temporaryFolder();
      const { client } = sound;
      if (client === undefined) throw new Error('no client');
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS / 8; seed++) {
        rmSync(data, { recursive: true, force: true });
        cpSync(sound.folder, data, { recursive: true });
        const below = seeded(seed);
        const packs = filesOf(data).filter((name) => name.startsWith('packs'));
        const done: string[] = [];
        for (let i = 0; i < 3; i++) {
          const [name = ''] = packs.splice(below(packs.length), 1);
          done.push(`seed ${seed}: ${name}: ${damage(join(data, name), below)}`);
        }
        await check(data, true);
        const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
        client.url = server.url;
        valueOf(await client.openSession());
        const lost = await unreadable(client, sound.blocks);
        if (lost.length > 0) await putPack(client, await announce(client, lost), lost);
        expect(await unreadable(client, sound.blocks), done.join('; ')).toEqual([]);
        await server.close();
        const left = await check(data, true);
        // The other account has nobody who sends anything.
        const own = left.damage.filter(({ text }) => text.includes(client.namespace));
        expect(own, done.join('; ')).toEqual([]);
      }
    },
    LIMIT_MS,
  );

  test('to a configuration file is told as such, and nothing else', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'server.json');
    const config = { data: folder, listen: '127.0.0.1:7440', limits: { socketsPerDevice: 3 }, registration: 'closed' };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 25 * RUNS; seed++) {
      writeFileSync(file, JSON.stringify(config, undefined, 2));
      damage(file, seeded(seed));
      try {
        loadConfig({ config: file }, {});
      } catch (thrown) {
        expect(thrown, `seed ${seed}`).toBeInstanceOf(OnefoldError);
        expect((thrown as OnefoldError).code, `seed ${seed}`).toBe('invalid-argument');
      }
    }
  });
});
