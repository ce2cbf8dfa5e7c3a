import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { deleteAccountRequest, emptyResponse, userChainResponse } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { createClient, valueOf, type TestClient } from '../testing/test-client.ts';

const remove = (client: TestClient) =>
  client.call('POST', '/v1/account/delete', emptyResponse, {
    schema: deleteAccountRequest,
    value: { authKey: client.account.authKey },
  });

test('of an account that took part in a namespace of another the chain stays, by which its entries there are checked', async () => {
  const { url, data } = await startTestServer();
  const owner = await createClient(url);
  const guest = await createClient(url);
  const alone = await createClient(url);
  const chainOf = ({ account }: TestClient) => owner.call('GET', `/v1/users/${account.user}/chain`, userChainResponse);
  const database = new Database(join(data, 'metadata.db'));
  try {
    // As if its owner had let the guest in.
    const letIn = `insert into member select namespace, x'${guest.account.user}', 'editor', pin_n, pin_hash, version from member where user = x'${owner.account.user}'`;
    expect(database.prepare(letIn).run().changes).toBe(1);
    const { links } = valueOf(await chainOf(guest));
    valueOf(await remove(guest));
    valueOf(await remove(alone));
    expect(valueOf(await chainOf(guest)).links).toEqual(links);
    const kept = database.prepare('select count(*) as n from user_chain where user = ?');
    const linksOf = ({ account }: TestClient) => kept.get(Buffer.from(account.user, 'hex'));
    expect([linksOf(guest), linksOf(alone)]).toEqual([{ n: links.length }, { n: 0 }]);
  } finally {
    database.close();
  }
});
