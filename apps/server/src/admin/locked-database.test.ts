import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { printedBy } from '../testing/printed-by.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';

/* Another program holds a write transaction of the database open for longer than anybody waits. */

async function withHolder() {
  const server = await startTestServer();
  const client = await createClient(server.url);
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const holder = new Database(join(server.data, 'metadata.db'));
  onTestFinished(() => void holder.close());
  holder.exec('begin immediate');
  const admin = async (...args: string[]) => {
    const { code, printed } = await printedBy(['admin', ...args, '--data', server.data, '--json']);
    return { code, answer: JSON.parse(printed) as Record<string, unknown> };
  };
  return { ...server, client, holder, admin, email: client.account.email };
}

test('what only looks looks beside it: users, devices, the audit, a backup, and devices that read', async () => {
  const { admin, email, client, data } = await withHolder();
  expect(await admin('users')).toMatchObject({ code: 0, answer: { users: [{ email }] } });
  expect(await admin('devices', email)).toMatchObject({ code: 0, answer: { devices: [{ isRevoked: false }] } });
  expect(await admin('audit')).toMatchObject({ code: 0 });
  const { code, printed } = await printedBy(['admin', 'backup', temporaryFolder(), '--data', data, '--json']);
  expect([code, JSON.parse(printed)]).toMatchObject([0, { packs: 1 }]);
  expect((await client.raw('GET', client.path('/entries?after=-1'))).status).toBe(200);
});

test(
  'what changes anything says that the database is held, and changes nothing; then it goes on',
  { timeout: 60_000 },
  async () => {
    const { admin, email, client, holder } = await withHolder();
    const committing = client.commit([createFile([])]);
    const refused = {
      code: 1,
      answer: { code: 'server-error', message: expect.stringContaining('another program') as string },
    };
    expect(await admin('quota', email, '60000')).toMatchObject(refused);
    expect(await committing).toMatchObject({ ok: false, status: 503 });
    holder.exec('rollback');
    expect(await admin('users')).toMatchObject({ answer: { users: [{ quotaBytes: null }] } });
    expect(await admin('quota', email, '60000')).toMatchObject({ code: 0 });
    expect(valueOf(await client.commit([createFile([])])).outcome).toBe('committed');
  },
);
