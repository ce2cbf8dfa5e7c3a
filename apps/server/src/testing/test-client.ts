import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { sha256, signEntry } from '@onefold/journal';
import {
  addDeviceRequest,
  addDeviceResponse,
  buildPack,
  changesetBodySchema,
  challengeRequest,
  challengeResponse,
  commitRequest,
  commitResponse,
  concatBytes,
  createAccountRequest,
  createAccountResponse,
  ctHashCodec,
  decodeWire,
  encodeWire,
  entriesResponse,
  errorSchema,
  pinBodySchema,
  loginRequest,
  loginResponse,
  ROOT_NODE,
  sessionRequest,
  sessionResponse,
  type Change,
  type CommitRequest,
  type CommitResponse,
  type CtHash,
  type EntriesResponse,
  type Hash,
  type KeyBox,
  type NamespaceId,
  type NameTag,
  type NodeId,
  type OpId,
  type PackId,
  type Pin,
  type SignedEntry,
} from '@onefold/protocol';
import {
  addDeviceLink,
  bytes,
  linkDeviceLink,
  randomId,
  signWith,
  type TestAccount,
  type TestDevice,
} from './test-account.ts';

/** What a call answered: `ok` with its value, or the status and error code. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: number; readonly code: string };

const DOMAIN = new TextEncoder().encode('onefold/session/v1');

/** Speaks to a listening server as one device would, over HTTP alone. */
export class TestClient {
  url: string;
  readonly account: TestAccount;
  readonly device: TestDevice;
  readonly namespace: NamespaceId;
  token: string | undefined;
  deviceSeq = 0;
  /** Newest position known: entries are signed on it. */
  head: { seq: number; hash: Hash };

  constructor(url: string, account: TestAccount, device: TestDevice = account.device, namespace = account.namespace) {
    this.url = url;
    this.account = account;
    this.device = device;
    this.namespace = namespace;
    this.head = { seq: 0, hash: namespace as string as Hash };
  }

  async raw(method: string, path: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/cbor' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
  }

  async call<R extends z.ZodType, Q extends z.ZodType>(
    method: string,
    path: string,
    answer: R,
    request?: { schema: Q; value: z.output<Q> } | { pack: Uint8Array },
  ): Promise<Answer<z.output<R>>> {
    const response =
      request === undefined
        ? await this.raw(method, path)
        : 'pack' in request
          ? await this.raw(method, path, request.pack, { 'content-type': 'application/octet-stream' })
          : await this.raw(method, path, encodeWire(request.schema, request.value));
    const received = new Uint8Array(await response.arrayBuffer());
    if (response.ok) return { ok: true, value: decodeWire(answer, received) };
    return { ok: false, status: response.status, code: decodeWire(errorSchema, received).code };
  }

  createAccount(): Promise<Answer<z.output<typeof createAccountResponse>>> {
    return this.call('POST', '/v1/accounts', createAccountResponse, {
      schema: createAccountRequest,
      value: this.account.request,
    });
  }

  async openSession(): Promise<Answer<z.output<typeof sessionResponse>>> {
    const device = this.device.id;
    const { challenge } = valueOf(
      await this.call('POST', '/v1/sessions/challenge', challengeResponse, {
        schema: challengeRequest,
        value: { device },
      }),
    );
    const signature = signWith(this.device, concatBytes(DOMAIN, challenge));
    const answer = await this.call('POST', '/v1/sessions', sessionResponse, {
      schema: sessionRequest,
      value: { device, challenge, signature },
    });
    if (answer.ok) this.token = answer.value.token;
    return answer;
  }

  path(rest: string): string {
    return `/v1/namespaces/${this.namespace}${rest}`;
  }

  /** Signs changes on the known head. */
  sign(changes: readonly Change[], options: { opId?: OpId; base?: { seq: number; hash: Hash } } = {}): SignedEntry {
    return this.signBody('changeset', encodeWire(changesetBodySchema, { changes: [...changes] }), options);
  }

  signPin(pin: Pin): SignedEntry {
    return this.signBody('pin', encodeWire(pinBodySchema, { pin }), {});
  }

  signBody(
    type: 'changeset' | 'pin' | 'checkpoint',
    body: Uint8Array,
    options: { opId?: OpId; base?: { seq: number; hash: Hash } },
  ): SignedEntry {
    const base = options.base ?? this.head;
    return signEntry(
      (message) => signWith(this.device, message),
      {
        format: 1,
        type,
        namespaceId: this.namespace,
        epoch: 0,
        device: this.device.id,
        deviceSeq: ++this.deviceSeq,
        baseSeq: base.seq,
        baseHash: base.hash,
        opId: options.opId ?? randomId<OpId>(16),
        changesHash: sha256(body),
      },
      body,
    );
  }

  async send(request: CommitRequest): Promise<Answer<CommitResponse>> {
    const answer = await this.call('POST', this.path('/entries'), commitResponse, {
      schema: commitRequest,
      value: request,
    });
    if (answer.ok && answer.value.outcome === 'committed' && answer.value.seq > this.head.seq) this.head = answer.value;
    return answer;
  }

  commit(changes: readonly Change[], extra: Partial<CommitRequest> = {}): Promise<Answer<CommitResponse>> {
    return this.send({ entry: this.sign(changes), ...extra });
  }

  async entries(after: number): Promise<EntriesResponse> {
    return valueOf(await this.call('GET', this.path(`/entries?after=${after}`), entriesResponse));
  }

  /** Learns the present head. */
  async catchUp(): Promise<void> {
    this.head = (await this.entries(this.head.seq)).head;
  }
}

export function valueOf<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`the call failed: ${answer.status} ${answer.code}`);
  return answer.value;
}

/** Account, session, and a client on both. */
export async function createClient(url: string, account?: TestAccount): Promise<TestClient> {
  const { createTestAccount } = await import('./test-account.ts');
  const client = new TestClient(url, account ?? createTestAccount());
  valueOf(await client.createAccount());
  valueOf(await client.openSession());
  return client;
}

/** Adds the client's device to its account by a login, as somebody does who signs in on another computer. */
export async function addByLogin(client: TestClient): Promise<void> {
  const { account, device } = client;
  const value = { email: account.email, authKey: account.authKey };
  const { loginToken } = valueOf(
    await client.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value }),
  );
  await addDevice(client, { loginToken, link: addDeviceLink(account, device), boxes: [boxFor(device)] });
}

/** Adds another device of the account, which its first one has signed for. */
export async function addByFirst(first: TestClient, device: TestDevice): Promise<void> {
  await addDevice(first, { link: linkDeviceLink(first.account, device), boxes: [boxFor(device)] });
}

const boxFor = ({ id: device }: TestDevice): KeyBox => ({
  generation: 1,
  recipient: { kind: 'device', device },
  sealed: bytes(100),
});

async function addDevice(client: TestClient, value: z.output<typeof addDeviceRequest>): Promise<void> {
  valueOf(await client.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value }));
}

export interface TestBlock {
  readonly ctHash: CtHash;
  readonly sealed: Uint8Array;
}

export function randomBlock(length = 300): TestBlock {
  const sealed = bytes(length);
  return { ctHash: sha256(sealed) as string as CtHash, sealed };
}

export function packOf(blocks: readonly TestBlock[]): { packId: PackId; bytes: Uint8Array } {
  return { packId: randomId<PackId>(16), bytes: buildPack(blocks) };
}

/** A new file with these blocks. */
export function createFile(
  blocks: readonly TestBlock[],
  at: { node?: NodeId; parent?: NodeId; nameTag?: NameTag } = {},
): Change {
  return {
    op: 'create',
    node: at.node ?? randomId<NodeId>(16),
    kind: 'file',
    parent: at.parent ?? ROOT_NODE,
    nameTag: at.nameTag ?? randomId<NameTag>(32),
    place: bytes(256),
    content: { added: blocks.map(({ ctHash, sealed }) => [ctHash, sealed.length]), dropped: [], sealed: bytes(256) },
    attributes: bytes(256),
  };
}

/** Another version of a file's content, which uses other blocks than the one before. */
export function editFile(
  node: NodeId,
  base: number,
  added: readonly TestBlock[],
  dropped: readonly TestBlock[],
): Change {
  return {
    op: 'content',
    node,
    base,
    added: added.map(({ ctHash, sealed }) => [ctHash, sealed.length]),
    dropped: dropped.map(({ ctHash }) => ctHash),
    sealed: bytes(256),
  };
}

export function createFolder(at: { node?: NodeId; parent?: NodeId } = {}): Change {
  return {
    op: 'create',
    node: at.node ?? randomId<NodeId>(16),
    kind: 'folder',
    parent: at.parent ?? ROOT_NODE,
    nameTag: randomId<NameTag>(32),
    place: bytes(256),
    attributes: bytes(256),
  };
}

/** Splits the answer of blocks/read. */
export function splitFrames(stream: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const length = new DataView(stream.buffer, stream.byteOffset + at, 4).getUint32(0);
    frames.push(stream.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

export function ctHashBytes(ctHash: CtHash): Uint8Array {
  return ctHashCodec.encode(ctHash);
}

export function readPid(folder: string): number {
  return Number(readFileSync(`${folder}/server.pid`, 'utf8'));
}
