import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  encodeWire,
  entriesResponse,
  type AccountResponse,
  type SignedEntry,
  type SignedLink,
} from '@onefold/protocol';
import { createAccount, createNamespace, deriveLogin, loginDevice, type NewAccount } from '@onefold/vault';
import { openHome, type Home } from '../daemon/home.ts';
import type { Session } from '../remote/session.ts';
import { openAccountKeys, type AccountKeys } from './account-keys.ts';
import { findOrCreateNamespace, namespaceName, openNamespace, ownNamespace } from './namespace-access.ts';

/* The server here says whatever the test wants: what an honest one cannot be made to say. */

const PASSWORD = 'p';
const made = await createAccount({
  email: 'a@b.cd',
  password: PASSWORD,
  deviceName: 'Laptop',
  serverUrl: 'http://localhost',
});
const stranger = await createAccount({
  email: 'x@y.za',
  password: PASSWORD,
  deviceName: 'Elsewhere',
  serverUrl: 'http://localhost',
});

let folder: string;
let home: Home;
/** What the server claims to hold. */
let links: SignedLink[];
let genesis: SignedEntry;

function session(): Session {
  return {
    account: async (after: number): Promise<AccountResponse> => ({
      user: made.secrets.user,
      email: 'a@b.cd',
      links: links.slice(after + 1),
      chainLength: links.length,
      boxes: made.request.boxes,
      devices: [],
    }),
    appendChain: async (request: { links: SignedLink[] }) => {
      links = [...links, ...request.links];
      return links.length;
    },
    userChain: async () => links,
    send: async () =>
      encodeWire(entriesResponse, {
        head: { namespaceId: ownNamespaceOf(made), seq: 0, hash: '0'.repeat(64) as never, recoveryEpoch: 0 },
        entries: [{ ...genesis, seq: 0 }],
      }),
  } as unknown as Session;
}

const ownNamespaceOf = (account: NewAccount) => account.namespace.namespaceId;

async function secondDevice(): Promise<SignedLink> {
  const { user, salt, kdf, boxes } = made.request;
  const { loginBox } = await deriveLogin({ password: PASSWORD, secretKey: made.kit.secretKey, user, salt, kdf });
  const login = { user, loginToken: 't', boxes, links: made.request.links };
  return (await loginDevice({ login, user, loginBox, deviceName: 'Desktop' })).request.link;
}

let keys: AccountKeys;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
  home = await openHome(folder);
  links = [...made.request.links];
  genesis = made.request.genesis;
  await home.writeSecrets(made.secrets);
  await home.writeLinks(made.request.links);
  keys = await openAccountKeys(home, session());
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the account’s chain', () => {
  it('grows by what the server adds, is kept, and names the devices', async () => {
    links.push(await secondDevice());
    await keys.refresh();
    expect(keys.chain().length).toBe(4);
    const reopened = await openAccountKeys(home, session());
    expect([...reopened.chain().devices.keys()].map((device) => reopened.deviceName(device))).toEqual([
      'Laptop',
      'Desktop',
    ]);
    expect((await reopened.chainOfLength(4)).length).toBe(4);
    await expect(reopened.chainOfLength(5)).rejects.toMatchObject({ code: 'key-missing' });
  });

  it('never shrinks', async () => {
    links.push(await secondDevice());
    await keys.refresh();
    links.pop();
    await expect(keys.refresh()).rejects.toMatchObject({ code: 'chain-invalid' });
    expect(keys.chain().length).toBe(4);
  });

  it('never forks: another link in a known place, or one of another account, is refused and not kept', async () => {
    const [one, other] = [await secondDevice(), await secondDevice()];
    links.push(one);
    await keys.refresh();
    links = [...made.request.links, other, one];
    await expect(keys.refresh()).rejects.toMatchObject({ code: 'chain-invalid' });
    links = [...made.request.links, one, stranger.request.links[2]!];
    await expect(keys.refresh()).rejects.toMatchObject({ code: 'chain-invalid' });
    expect(await home.readLinks()).toHaveLength(4);
  });

  it('is not exchanged for another one in the home', async () => {
    await home.writeLinks(stranger.request.links);
    await expect(openAccountKeys(home, session())).rejects.toMatchObject({ code: 'chain-invalid' });
  });
});

describe('namespaces', () => {
  it('open from the genesis that the chain pins, and from the home afterwards', async () => {
    const own = ownNamespace(keys);
    const opened = await openNamespace(home, keys, session(), own);
    expect(opened.keys().blockIdKey).toEqual(made.namespace.keys.blockIdKey);
    genesis = stranger.request.genesis;
    expect((await openNamespace(home, keys, session(), own)).keys().blockIdKey).toEqual(made.namespace.keys.blockIdKey);
    expect(await namespaceName(keys, own)).toBe('');
  });

  it('are not planted: a genesis of another hash is refused', async () => {
    genesis = stranger.request.genesis;
    await expect(openNamespace(home, keys, session(), ownNamespace(keys))).rejects.toMatchObject({
      code: 'journal-invalid',
    });
  });

  it('are not planted: one that the chain does not pin is refused', async () => {
    const loose = await createNamespace({ secrets: made.secrets, chain: keys.chain(), name: 'Loose' });
    genesis = loose.genesis;
    await expect(openNamespace(home, keys, session(), loose.namespaceId)).rejects.toMatchObject({
      code: 'chain-invalid',
    });
  });

  it('are made once for a name, also when another device made it meanwhile', async () => {
    const first = await findOrCreateNamespace(home, keys, session(), 'Photos');
    expect(await findOrCreateNamespace(home, keys, session(), 'Photos')).toBe(first);
    expect(await namespaceName(keys, first)).toBe('Photos');
    const elsewhere = await openAccountKeys(home, session());
    const theirs = await findOrCreateNamespace(home, elsewhere, session(), 'Music');
    expect(await findOrCreateNamespace(home, keys, session(), 'Music')).toBe(theirs);
  });
});
