import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { encodeWire, loginRequest, recoveryRequest } from '@onefold/protocol';
import { readAudit, setQuota, type AuditRow } from '../admin/accounts-command.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startTestServer } from '../testing/started-server.ts';
import { bytes, createTestAccount } from '../testing/test-account.ts';
import { createClient, type TestClient } from '../testing/test-client.ts';

const DAY_MS = 24 * 3_600_000;

async function auditOf(data: string): Promise<AuditRow[]> {
  const metadata = await openSqlite(join(data, 'metadata.db'));
  return readAudit(metadata, 1_000).finally(() => metadata.close());
}

function open(data: string): Database.Database {
  const database = new Database(join(data, 'metadata.db'), { timeout: 10_000 });
  onTestFinished(() => void database.close());
  return database;
}

const login = (client: TestClient, authKey: Uint8Array): Promise<Response> =>
  client.raw('POST', '/v1/login', encodeWire(loginRequest, { email: client.account.email, authKey }));

test('what is done at an account is noted once, by ids, and nothing that anybody wrote', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url, createTestAccount('planted@example.org'));
  const { user, authKey, device } = client.account;
  expect((await login(client, authKey)).status).toBe(200);
  expect((await login(client, bytes(32))).status).toBe(401);
  const proof = { email: client.account.email, authKey: client.account.request.recoveryAuthKey };
  expect((await client.raw('POST', '/v1/recovery', encodeWire(recoveryRequest, proof))).status).toBe(200);
  // Of somebody who is not there nothing can be noted but that it was tried.
  const nobody = encodeWire(loginRequest, { email: 'planted.nobody@example.org', authKey: bytes(32) });
  expect((await client.raw('POST', '/v1/login', nobody)).status).toBe(401);
  const metadata = await openSqlite(join(data, 'metadata.db'));
  await setQuota(metadata, client.account.email, 5_000);
  await setQuota(metadata, client.account.email, null).finally(() => metadata.close());
  const notes = await auditOf(data);
  // Notes of one moment have no order.
  const told = (action: string): AuditRow[] => notes.filter((note) => note.action === action);
  expect(notes).toHaveLength(8);
  expect(told('account-created')).toMatchObject([{ user, device: device.id }]);
  expect(told('namespace-created')).toMatchObject([{ namespace: client.namespace }]);
  expect(told('login')).toMatchObject([{ user }]);
  expect(told('recovery')).toMatchObject([{ user }]);
  expect(told('login-failed')).toMatchObject([{ user }, { user: null, device: null, namespace: null }]);
  expect(told('quota-set').map(({ details }) => details)).toEqual(expect.arrayContaining(['5000', 'default']));
  const rows = JSON.stringify(open(data).prepare('select * from audit').all());
  expect(rows).not.toContain('planted');
  expect(rows).not.toContain(Buffer.from(authKey).toString('base64'));
});

test('nothing is done that cannot be noted: both stand or neither', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const database = open(data);
  database.exec(`create trigger "planted" before insert on "audit" begin select raise(abort, 'planted'); end`);
  expect((await login(client, client.account.authKey)).status).toBeGreaterThanOrEqual(500);
  const metadata = await openSqlite(join(data, 'metadata.db'));
  await expect(setQuota(metadata, client.account.email, 5_000).finally(() => metadata.close())).rejects.toThrow();
  expect(database.prepare('select quota_bytes from user').all()).toEqual([{ quota_bytes: null }]);
  const other = createTestAccount();
  await expect(createClient(url, other)).rejects.toThrow();
  expect(database.prepare('select count(*) as users from user').get()).toEqual({ users: 1 });
});

test('notes are kept for as long as the configuration says, and go then, however many', async () => {
  const { data } = await startTestServer({ retention: { everyMs: 50, settleMs: 0, auditDays: 30 } });
  const database = open(data);
  const note = database.prepare(`insert into audit (at_ms, id, action) values (?, randomblob(8), 'login-failed')`);
  database.transaction(() => {
    for (let i = 0; i < 2_500; i++) note.run(Date.now() - 31 * DAY_MS + i);
    for (let i = 0; i < 10; i++) note.run(Date.now() - 29 * DAY_MS + i);
  })();
  const count = database.prepare('select count(*) as notes from audit');
  await expect.poll(() => count.get(), { timeout: 15_000 }).toEqual({ notes: 10 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(count.get()).toEqual({ notes: 10 });
});
