import { setTimeout as pass } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { verify, type Acknowledged } from './testing/acknowledged.ts';
import { runServerCommand, spawnServer, type SpawnedServer } from './testing/spawned-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, TestClient, valueOf } from './testing/test-client.ts';
import { announce, putPack } from './testing/test-uploads.ts';

/*
 * The real server on a real folder, under strace: the kernel's answers to its writes and flushes come late, never, or are errors, from some moment on and as often
 * as it is said. Then it is killed with kill -9, and all that it has acknowledged must be there.
 */

const WRITERS = 3;
const CALL_MS = 3_000;
/** After so many of its calls the disk goes bad: a server that cannot start shows nothing. */
const SOUND_CALLS = 120;

/** Calls that end in time, as a device's do. */
class ImpatientClient extends TestClient {
  override async raw(
    method: string,
    path: string,
    body?: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return Promise.race([
      super.raw(method, path, body, headers),
      pass(CALL_MS, undefined, { ref: false }).then(() => {
        throw new Error('no answer in time');
      }),
    ]);
  }
}

/** Writes all the time, by both ways; what is not acknowledged is left, and something else begun. */
async function writeOn(client: TestClient, done: Acknowledged, isOver: () => boolean): Promise<string[]> {
  const failures: string[] = [];
  for (let turn = 0; !isOver(); turn++) {
    const blocks = [randomBlock(20_000), randomBlock(3_000)];
    try {
      const pack = packOf(blocks);
      let extra: object = { pack };
      if (turn % 2 === 0) {
        const uploadId = await announce(client, blocks);
        await putPack(client, uploadId, blocks);
        done.blocks.push(...blocks);
        extra = { uploadId };
      }
      const answer = valueOf(await client.send({ entry: client.sign([createFile(blocks)]), ...extra }));
      if (answer.outcome !== 'committed') throw new Error(JSON.stringify(answer));
      done.commits.push({ seq: answer.seq, hash: answer.hash });
      done.blocks.push(...blocks);
    } catch (thrown) {
      failures.push(String(thrown));
      await pass(20);
    }
  }
  return failures;
}

const FLUSHES = 'fsync,fdatasync';

test.each([
  { fault: 'is slow', inject: [`${FLUSHES}:delay_enter=150ms:when=${SOUND_CALLS}+`], isFelt: false },
  { fault: 'hangs', inject: [`${FLUSHES}:delay_enter=20s:when=${SOUND_CALLS}+`], isFelt: true },
  { fault: 'fails to flush now and then', inject: [`${FLUSHES}:error=EIO:when=${SOUND_CALLS}+7`], isFelt: true },
  { fault: 'fails to write now and then', inject: [`pwrite64:error=EIO:when=${4 * SOUND_CALLS}+211`], isFelt: true },
  { fault: 'is full now and then', inject: [`pwrite64:error=ENOSPC:when=${4 * SOUND_CALLS}+211`], isFelt: true },
])('a disk that $fault, and then kill -9, cost no acknowledged byte', async ({ inject, isFelt }) => {
  const data = temporaryFolder();
  const running: { server?: SpawnedServer } = {};
  const start = async (under: readonly string[] = []): Promise<SpawnedServer> =>
    (running.server = await spawnServer(data, under));
  onTestFinished(async () => {
    await end('SIGKILL');
  });
  const end = async (signal: NodeJS.Signals): Promise<number | string | undefined> => {
    const { server } = running;
    delete running.server;
    return server?.end(signal);
  };
  let server = await start();
  const clients: TestClient[] = [];
  for (let i = 0; i < WRITERS; i++) {
    const { account, token } = await createClient(server.url);
    const client = new ImpatientClient(server.url, account);
    client.token = token;
    clients.push(client);
  }
  const done = clients.map((): Acknowledged => ({ commits: [], blocks: [] }));
  expect(await end('SIGTERM')).toBe(0);

  server = await start([
    ...['strace', '--follow-forks', '--seccomp-bpf', '--quiet=all', '--output=/dev/null'],
    `--trace=${FLUSHES},pwrite64`,
    ...inject.map((one) => `--inject=${one}`),
  ]);
  for (const client of clients) client.url = server.url;
  let isOver = false;
  const failed: string[] = [];
  const writing = clients.map(async (client, i) => {
    failed.push(...(await writeOn(client, done[i] as Acknowledged, () => isOver || failed.length > 1_000)));
  });
  const commits = (): number => done.reduce((sum, { commits: its }) => sum + its.length, 0);
  await expect.poll(commits, { timeout: 60_000, interval: 50 }).toBeGreaterThan(WRITERS * 5);
  await pass(isFelt ? 2 * CALL_MS : 2_000);
  expect(await end('SIGKILL')).toBe('SIGKILL');
  isOver = true;
  await Promise.all(writing);
  // What goes wrong is told as such, and as nothing else; nothing is told once the server is gone.
  const told = failed.filter((words) => !/fetch failed|no answer in time/.test(words));
  for (const words of told) expect(words).toMatch(/503 server-error|507 server-full/);

  server = await start();
  for (const [i, client] of clients.entries()) {
    client.url = server.url;
    valueOf(await client.openSession());
    await verify(client, done[i] as Acknowledged);
    valueOf(await client.commit([createFile([])]));
  }
  expect(await end('SIGTERM')).toBe(0);
  const { stdout } = await runServerCommand(['admin', 'fsck', '--data', data, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ isSound: true, damage: [], users: WRITERS });
  // A fault that nobody feels shows nothing.
  if (isFelt) expect(failed.length).toBeGreaterThanOrEqual(WRITERS);
});
