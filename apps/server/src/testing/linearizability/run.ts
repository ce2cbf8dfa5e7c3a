import { linkHash, sha256, entryHash, nextHash, parseEntry } from '@onefold/journal';
import {
  addDeviceRequest,
  addDeviceResponse,
  loginRequest,
  loginResponse,
  type Change,
  type Hash,
  type NodeId,
  type SignedEntry,
} from '@onefold/protocol';
import { addDeviceLink, bytes, createTestAccount, createTestDevice, randomId } from '../test-account.ts';
import { createFolder, TestClient, valueOf, type Answer } from '../test-client.ts';
import type { Cluster } from './cluster.ts';
import { checkHistory, type JournalEntry, type Operation, type Outcome } from './history.ts';

/** No call is waited for longer: a stopped node never answers. */
const CALL_MS = 4_000;
const ATTEMPTS = 12;
/** How often the journal is asked for at the end: nodes may still be getting up, where there were faults. */
const TRIES = 30;
const HEALTHY_TRIES = 4;

/** A device's client whose calls end in time. */
class ImpatientClient extends TestClient {
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

export interface RunOptions {
  readonly clients: number;
  readonly hotNodes: number;
  /** Which part of the operations are commits; the others read. */
  readonly writeShare: number;
  readonly durationMs: number;
  /** Ends sooner once this many operations are done and `isEnough` says so. */
  readonly operations?: number;
  readonly isEnough?: () => boolean;
  readonly random: () => number;
  /** Begins what is to go wrong, once everything is prepared. It is stopped before the journal is read at the end. */
  readonly begin?: (load: Load) => { stop(): Promise<void> };
  readonly say?: (line: string) => void;
}

export interface Load {
  /** Commits that were sent to this node and are not answered. */
  commitsInFlight(url: string): number;
}

export interface RunResult {
  readonly operations: number;
  readonly committed: number;
  readonly reads: number;
  readonly refused: number;
  readonly unknown: number;
  readonly entries: number;
  readonly problems: string[];
}

interface Hot {
  readonly node: NodeId;
  /** As far as any client knows. */
  version: number;
}

/** Makes an account of many devices and lets them read and write a few nodes through all server nodes at once; then checks everything that was answered. */
export async function runWorkload(cluster: Cluster, options: RunOptions): Promise<RunResult> {
  const { random } = options;
  const clients = await makeDevices(cluster, options.clients);
  const [first] = clients;
  if (first === undefined) throw new Error('no clients');
  const hot = await makeHotNodes(first, options.hotNodes);
  const shared = first.token;
  const inFlight = new Map<string, number>();
  const commitsInFlight = (url: string): number => inFlight.get(url) ?? 0;
  const disturbance = options.begin?.({ commitsInFlight });
  const origin = performance.now();
  const operations: Operation[] = [];
  const urlOf = (): string => cluster.urls[Math.floor(random() * cluster.urls.length)] ?? '';
  const isOver = (): boolean =>
    performance.now() - origin > options.durationMs ||
    (options.operations !== undefined && operations.length >= options.operations && options.isEnough?.() !== false);

  async function readOnce(client: ImpatientClient): Promise<void> {
    client.url = urlOf();
    const own = client.token;
    // Half of the reads come by one session, as from several sockets of one machine.
    if (random() < 0.5) client.token = shared;
    const startMs = performance.now();
    try {
      const { head, entries } = await client.entries(client.head.seq);
      operations.push({ startMs, endMs: performance.now(), outcome: { kind: 'read', seq: head.seq, hash: head.hash } });
      let at = client.head;
      for (const entry of entries) {
        at = { seq: entry.seq, hash: nextHash(at.hash, entry.seq, entryHash(entry)) };
        learn(hot, entry);
      }
      client.head = at;
      if (at.seq === head.seq && at.hash !== head.hash)
        operations.push({
          startMs,
          endMs: performance.now(),
          outcome: { kind: 'wrong', code: 'a page that does not chain' },
        });
    } catch (thrown) {
      noteFailedRead(thrown, startMs);
    } finally {
      client.token = own;
    }
  }

  function noteFailedRead(thrown: unknown, startMs: number): void {
    const code = /the call failed: \d+ (\S+)/.exec(String(thrown))?.[1];
    const outcome: Outcome =
      code === undefined || PASSING.has(code) ? { kind: 'unknown' } : { kind: 'wrong', code: `read: ${code}` };
    operations.push({ startMs, endMs: performance.now(), outcome });
  }

  async function writeOnce(client: ImpatientClient): Promise<void> {
    const target = hot[Math.floor(random() * hot.length)] as Hot;
    const base = target.version;
    const change: Change = { op: 'attributes', node: target.node, base, sealed: bytes(256) };
    const entry = client.sign([change]);
    const op = sha256(entry.header);
    const startMs = performance.now();
    let hasUnanswered = false;
    let outcome: Outcome = { kind: 'unknown' };
    for (let attempt = 0; attempt < ATTEMPTS && outcome.kind === 'unknown'; attempt++) {
      const url = (client.url = urlOf());
      inFlight.set(url, commitsInFlight(url) + 1);
      const answer = await client.send({ entry }).catch(() => undefined);
      inFlight.set(url, commitsInFlight(url) - 1);
      if (answer === undefined || (!answer.ok && PASSING.has(answer.code))) hasUnanswered = true;
      else outcome = outcomeOf(answer, hasUnanswered);
      if (outcome.kind === 'unknown') await new Promise((resolve) => setTimeout(resolve, 50 + random() * 150));
    }
    operations.push({ op, node: target.node, base, startMs, endMs: performance.now(), outcome });
    if (outcome.kind === 'committed' && random() < 0.05) await repeat(client, entry, op, outcome);
    if (outcome.kind === 'committed') target.version = Math.max(target.version, base + 1);
    if (outcome.kind === 'unknown' || outcome.kind === 'refused') await readOnce(client);
  }

  /** A client that never got its answer asks again, elsewhere: it is told the same. */
  async function repeat(
    client: ImpatientClient,
    entry: SignedEntry,
    op: string,
    first: Extract<Outcome, { kind: 'committed' }>,
  ): Promise<void> {
    client.url = urlOf();
    const startMs = performance.now();
    const answer = await client.send({ entry }).catch(() => undefined);
    if (answer === undefined || (!answer.ok && PASSING.has(answer.code))) return;
    const again = outcomeOf(answer, false);
    const isSame = again.kind === 'committed' && again.seq === first.seq && again.hash === first.hash;
    if (!isSame)
      operations.push({
        startMs,
        endMs: performance.now(),
        outcome: { kind: 'wrong', code: `a repeat of ${op}: ${again.kind}` },
      });
  }

  const said = setInterval(() => options.say?.(`${operations.length} operations`), 10_000);
  await Promise.all(
    clients.map(async (client) => {
      while (!isOver()) await (random() < options.writeShare ? writeOnce(client) : readOnce(client));
    }),
  );
  clearInterval(said);
  await disturbance?.stop();
  const { journal, isWhole } = await readJournal(options.begin === undefined ? HEALTHY_TRIES : TRIES, cluster, first);
  const count = (kind: Outcome['kind']): number => operations.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    operations: operations.length,
    committed: count('committed'),
    reads: count('read'),
    refused: count('refused'),
    unknown: count('unknown'),
    entries: journal.length,
    problems: [...(isWhole ? [] : [`the journal ends at ${journal.length - 1}`]), ...checkHistory(operations, journal)],
  };
}

/** Codes that say: try again, perhaps elsewhere. */
const PASSING = new Set(['server-error', 'timed-out', 'too-many-requests']);

function outcomeOf(answer: Awaited<ReturnType<TestClient['send']>>, hasUnanswered: boolean): Outcome {
  if (!answer.ok) return answer.code === 'behind' ? { kind: 'unknown' } : { kind: 'wrong', code: answer.code };
  const { value } = answer;
  if (value.outcome === 'committed') return { kind: 'committed', seq: value.seq, hash: value.hash };
  if (value.outcome === 'blocks-missing') return { kind: 'wrong', code: 'blocks-missing' };
  return { kind: 'refused', seq: value.head.seq, hash: value.head.hash, isFinal: !hasUnanswered };
}

/** The one change of a hot node that an entry of this run makes. */
function changeOf(entry: Parameters<typeof parseEntry>[0]): Extract<Change, { op: 'attributes' }> | undefined {
  const parsed = parseEntry(entry);
  const change = parsed.type === 'changeset' ? parsed.body.changes[0] : undefined;
  return change?.op === 'attributes' ? change : undefined;
}

function learn(hot: readonly Hot[], entry: Parameters<typeof parseEntry>[0]): void {
  const change = changeOf(entry);
  const known = hot.find(({ node }) => node === change?.node);
  if (known !== undefined && change !== undefined) known.version = Math.max(known.version, change.base + 1);
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
    const device = createTestDevice();
    const client = new ImpatientClient(url, account, device);
    const value = { email: account.email, authKey: account.authKey };
    const { loginToken } = valueOf(
      await client.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value }),
    );
    const link = addDeviceLink(account, device);
    const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: device.id }, sealed: bytes(100) }];
    valueOf(
      await client.call('POST', '/v1/devices', addDeviceResponse, {
        schema: addDeviceRequest,
        value: { loginToken, link, boxes },
      }),
    );
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

async function makeHotNodes(client: TestClient, count: number): Promise<Hot[]> {
  const hot = Array.from({ length: count }, (): Hot => ({ node: randomId<NodeId>(16), version: 1 }));
  mustStand(await client.commit(hot.map(({ node }) => createFolder({ node }))));
  return hot;
}

/** The journal as it stands at the end, hashed anew; not whole where no node gives the rest of it, or what it gives does not chain. */
async function readJournal(
  mostTries: number,
  cluster: Cluster,
  client: TestClient,
): Promise<{ readonly journal: JournalEntry[]; readonly isWhole: boolean }> {
  let hash = client.namespace as string as Hash;
  const journal: JournalEntry[] = [{ op: 'genesis', hash }];
  for (let tries = 0; tries < mostTries;) {
    client.url = cluster.urls[tries % cluster.urls.length] ?? '';
    try {
      const { head, entries } = await client.entries(journal.length - 1);
      for (const entry of entries) {
        hash = nextHash(hash, entry.seq, entryHash(entry));
        const change = changeOf(entry);
        const changed = change === undefined ? {} : { node: change.node, version: change.base + 1 };
        journal.push({ op: sha256(entry.header), hash, ...changed });
      }
      if (journal.length - 1 === head.seq) return { journal, isWhole: hash === head.hash };
      if (entries.length === 0) tries++;
    } catch {
      tries++;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  return { journal, isWhole: false };
}
