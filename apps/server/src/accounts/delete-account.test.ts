import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { deleteAccountRequest, emptyResponse, namespacesResponse, userChainResponse } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { createClient, valueOf, type TestClient } from '../testing/test-client.ts';

const remove = (client: TestClient) =>
  client.call('POST', '/v1/account/delete', emptyResponse, {
    schema: deleteAccountRequest,
    value: { authKey: client.account.authKey },
  });

const keyOf = ({ account }: TestClient): Buffer => Buffer.from(account.user, 'hex');

/** As if the owner of a namespace had let somebody in. */
function letIn(database: Database.Database, owner: TestClient, guest: TestClient, role: 'editor' | 'owner'): void {
  const row = "select namespace, ?, ?, pin_n, pin_hash, version from member where user = ? and role = 'owner'";
  const done = database.prepare(`insert into member ${row}`).run(keyOf(guest), role, keyOf(owner));
  expect(done.changes).toBe(1);
}

test('of an account that took part in a namespace of another the chain stays, by which its entries there are checked', async () => {
  const { url, data } = await startTestServer();
  const owner = await createClient(url);
  const guest = await createClient(url);
  const alone = await createClient(url);
  const chainOf = ({ account }: TestClient) => owner.call('GET', `/v1/users/${account.user}/chain`, userChainResponse);
  const database = new Database(join(data, 'metadata.db'));
  try {
    letIn(database, owner, guest, 'editor');
    const { links } = valueOf(await chainOf(guest));
    valueOf(await remove(guest));
    valueOf(await remove(alone));
    expect(valueOf(await chainOf(guest)).links).toEqual(links);
    const kept = database.prepare('select count(*) as n from user_chain where user = ?');
    const linksOf = (client: TestClient) => kept.get(keyOf(client));
    expect([linksOf(guest), linksOf(alone)]).toEqual([{ n: links.length }, { n: 0 }]);
  } finally {
    database.close();
  }
});

test('what another owns, too, stays with them', async () => {
  const { url, data } = await startTestServer();
  const leaving = await createClient(url);
  const staying = await createClient(url);
  const database = new Database(join(data, 'metadata.db'));
  try {
    letIn(database, leaving, staying, 'owner');
    valueOf(await remove(leaving));
    const count = (sql: string, ...values: Buffer[]) => database.prepare(sql).get(...values);
    expect(count('select count(*) as n from doomed_namespace')).toEqual({ n: 0 });
    expect(count('select count(*) as n from member where user = ?', keyOf(staying))).toEqual({ n: 2 });
  } finally {
    database.close();
  }
});

/** Deletes an account, and lets something happen to its rows after the proof was looked at and before its turn to write came. */
async function removeAround(change: (database: Database.Database, client: TestClient) => void) {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const database = new Database(join(data, 'metadata.db'));
  try {
    database.exec('begin immediate');
    const removed = remove(client);
    await new Promise((resolve) => setTimeout(resolve, 500));
    change(database, client);
    database.exec('commit');
    const outcome = await removed;
    return { client, outcome, users: database.prepare('select count(*) as n from user').get() };
  } finally {
    database.close();
  }
}

test('a password that was changed while the deletion waited for its turn deletes nothing', async () => {
  const {
    client: left,
    outcome,
    users,
  } = await removeAround((database, client) => {
    const change = database.prepare('update user set auth_verifier = ? where user = ?');
    change.run(Buffer.alloc(32), keyOf(client));
  });
  expect([outcome, users]).toMatchObject([{ code: 'login-failed' }, { n: 1 }]);
  expect((await left.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
});

test('a device that was sent away while its deletion waited for its turn deletes nothing', async () => {
  const { outcome, users } = await removeAround((database, client) => {
    database.prepare('delete from session where user = ?').run(keyOf(client));
  });
  expect([outcome, users]).toMatchObject([{ code: 'session-expired' }, { n: 1 }]);
});
