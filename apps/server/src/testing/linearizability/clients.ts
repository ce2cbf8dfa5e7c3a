import { linkHash } from '@onefold/journal';
import type { Change, NodeId } from '@onefold/protocol';
import { createTestAccount, createTestDevice, randomId } from '../test-account.ts';
import { addByLogin, createFile, TestClient, valueOf, type Answer } from '../test-client.ts';
import type { Cluster } from './cluster.ts';
import type { Outcome } from './operation.ts';

/** No call is waited for longer: a stopped node never answers. */
export const CALL_MS = 4_000;

/** Codes that say: try again, perhaps elsewhere. */
export const PASSING: ReadonlySet<string> = new Set(['server-error', 'timed-out', 'too-many-requests']);

/** A device's client whose calls end in time. */
export class ImpatientClient extends TestClient {
  override raw(
    method: string,
    path: string,
    body?: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/cbor' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      signal: AbortSignal.timeout(CALL_MS),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
  }
}

/** What a call that failed says: nothing, unless no right server answers so. */
export function outcomeOfFailure(thrown: unknown, what: string): Outcome {
  const code = /the call failed: \d+ (\S+)/.exec(String(thrown))?.[1];
  return code === undefined || PASSING.has(code) ? { kind: 'unknown' } : { kind: 'wrong', code: `${what}: ${code}` };
}

/** Clients of one account, each with a device of its own, all on one head. */
export async function makeDevices(cluster: Pick<Cluster, 'urls'>, count: number): Promise<ImpatientClient[]> {
  const [url = ''] = cluster.urls;
  const account = createTestAccount();
  const first = new ImpatientClient(url, account);
  valueOf(await first.createAccount());
  valueOf(await first.openSession());
  const clients = [first];
  while (clients.length < count) {
    const client = new ImpatientClient(url, account, createTestDevice());
    await addByLogin(client);
    valueOf(await client.openSession());
    clients.push(client);
  }
  const n = account.links.length - 1;
  const last = account.links[n];
  if (last === undefined) throw new Error('no links');
  mustStand(await first.send({ entry: first.signPin({ user: account.user, n, hash: linkHash(last) }) }));
  for (const client of clients) client.head = first.head;
  return clients;
}

function mustStand(answer: Answer<{ outcome: string }>): void {
  if (valueOf(answer).outcome !== 'committed') throw new Error(JSON.stringify(answer));
}

/** A file that many write to, and its versions as far as any client knows. */
export interface Hot {
  readonly node: NodeId;
  attributes: number;
  content: number;
}

/** As many empty files. */
export async function makeHotNodes(client: TestClient, count: number): Promise<Hot[]> {
  const hot = Array.from({ length: count }, (): Hot => ({ node: randomId<NodeId>(16), attributes: 1, content: 1 }));
  mustStand(await client.commit(hot.map(({ node }): Change => createFile([], { node }))));
  return hot;
}
