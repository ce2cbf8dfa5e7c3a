import type { z } from 'zod';
import {
  accountResponse,
  addDeviceRequest,
  addDeviceResponse,
  appendChainRequest,
  appendChainResponse,
  deleteAccountRequest,
  emptyResponse,
  inStepRequest,
  encodeWire,
  isOutOfAccount,
  linkingResponse,
  namespacesResponse,
  oldLinkingRequest,
  OnefoldError,
  profileSchema,
  pushKeyResponse,
  pushSubscriptionSchema,
  openLinkingRequest,
  openLinkingResponse,
  toOnefoldError,
  userChainResponse,
  type AccountResponse,
  type AddDeviceRequest,
  type AppendChainRequest,
  type DeviceId,
  type NamespaceHead,
  type OldLinkingRequest,
  type OpenLinkingRequest,
  type Profile,
  type PushKeyResponse,
  type PushSubscription,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { createEventStream, type EventStream, type StreamEvent } from './event-stream.ts';
import { readAnswer, type HttpCall, type HttpCalls } from './http-calls.ts';
import type { ServerClient } from './server-client.ts';

const DEADLINE_MS = 60_000;
/** A token is renewed this long before it ends. */
const RENEW_BEFORE_MS = 60_000;

/*
 * One device's standing with its server, shared by all its folders.
 *
 *   no token --(first call: challenge, signature)--> token --(nearly over, or the server says session-expired)--> no token
 *
 * A call that meets an expired session is sent once more with a fresh one; nothing else is repeated here.
 */
export interface Session {
  /** Sends an authenticated call. Rejects like HttpCalls.send. */
  send(call: Omit<HttpCall, 'token'>): Promise<Uint8Array>;
  /** To an address that the server named, without the session. */
  readonly sendTo: HttpCalls['sendTo'];
  readonly url: string;
  account(after: number): Promise<AccountResponse>;
  appendChain(request: AppendChainRequest): Promise<number>;
  /** `authKey` proves password and Secret Key. */
  deleteAccount(authKey: Uint8Array): Promise<void>;
  /** Adds a device that this one has linked. */
  addDevice(request: AddDeviceRequest): Promise<void>;
  openLinking(request: OpenLinkingRequest): Promise<{ readonly expiresInMs: number }>;
  /** The old device's side of a linking: messages of the new one, none when none came for a while. */
  exchangeAsOld(request: OldLinkingRequest, signal: AbortSignal): Promise<readonly Uint8Array[]>;
  namespaces(): Promise<NamespaceHead[]>;
  userChain(user: UserId): Promise<SignedLink[]>;
  /** For the account's other devices to see. */
  setInStep(isInStep: boolean): Promise<void>;
  profile(): Promise<Profile>;
  /** Replaces it whole. */
  setProfile(profile: Profile): Promise<void>;
  push(): Promise<PushKeyResponse>;
  /** Null ends it. */
  setPush(subscription: PushSubscription | null): Promise<void>;
  subscribe(listener: (event: StreamEvent) => void): () => void;
  isConnected(): boolean;
  /** Drops every connection and makes them anew: after sleep, or when the network changed. */
  reconnect(): void;
  /** Set once the server has said that this device is in no account any more: nothing is asked of it from then on. */
  refusal(): OnefoldError | null;
  /** The server's clock less ours as of the last answer, in milliseconds; null before. */
  skewMs(): number | null;
  close(): Promise<void>;
}

export function createSession(options: {
  readonly client: ServerClient;
  readonly device: DeviceId;
  readonly sign: (challenge: Uint8Array) => Uint8Array;
}): Session {
  const { client, device, sign } = options;
  const closing = new AbortController();
  let opening: Promise<{ token: string; renewAtMs: number }> | null = null;
  let skewMs: number | null = null;
  let stream: EventStream | null = null;
  let refusal: OnefoldError | null = null;
  const listeners = new Set<(event: StreamEvent) => void>();

  async function open(): Promise<{ token: string; renewAtMs: number }> {
    const { token, expiresInMs } = await client.openSession(device, sign);
    return { token, renewAtMs: performance.now() + Math.max(1_000, expiresInMs - RENEW_BEFORE_MS) };
  }

  function refused(error: OnefoldError): OnefoldError {
    if (!isOutOfAccount(error.code) || refusal !== null) return error;
    refusal = error;
    publish({ event: 'disconnected' });
    return error;
  }

  async function token(): Promise<string> {
    if (refusal !== null) throw refusal;
    const current = await (opening ??= open().catch((thrown: unknown) => {
      opening = null;
      throw refused(toOnefoldError(thrown));
    }));
    if (performance.now() < current.renewAtMs) return current.token;
    opening = null;
    return token();
  }

  async function send(call: Omit<HttpCall, 'token'>): Promise<Uint8Array> {
    closing.signal.throwIfAborted();
    const signal = call.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, call.signal]);
    for (let attempt = 0; ; attempt++) {
      const used = await token();
      try {
        const answer = await client.http.send({ ...call, token: used, signal });
        skewMs = answer.skewMs ?? skewMs;
        stream?.answered();
        return answer.bytes;
      } catch (thrown) {
        const error = refused(toOnefoldError(thrown));
        if (error.code !== 'session-expired' || attempt > 0) throw error;
        opening = null;
      }
    }
  }

  async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    const bytes = await send({ method: 'GET', path, deadlineMs: DEADLINE_MS });
    return readAnswer(schema, { bytes, skewMs: null });
  }

  async function post<Q extends z.ZodType, A extends z.ZodType>(
    path: string,
    [ask, answer]: readonly [Q, A],
    value: z.output<Q>,
    signal?: AbortSignal,
  ): Promise<z.output<A>> {
    const body = encodeWire(ask, value);
    const call = { method: 'POST', path, body, deadlineMs: DEADLINE_MS } as const;
    const bytes = await send(signal === undefined ? call : { ...call, signal });
    return readAnswer(answer, { bytes, skewMs: null });
  }

  function publish(event: StreamEvent): void {
    for (const listener of [...listeners]) listener(event);
  }

  return {
    send,
    sendTo: (call) => client.http.sendTo(call),
    url: client.http.url,
    account: (after) => get(`/v1/account?after=${after}`, accountResponse),
    appendChain: async (request) =>
      (await post('/v1/chain', [appendChainRequest, appendChainResponse], request)).chainLength,
    async deleteAccount(authKey) {
      await post('/v1/account/delete', [deleteAccountRequest, emptyResponse], { authKey });
    },
    async addDevice(request) {
      await post('/v1/devices', [addDeviceRequest, addDeviceResponse], request);
    },
    openLinking: (request) => post('/v1/linkings', [openLinkingRequest, openLinkingResponse], request),
    exchangeAsOld: async (request, signal) =>
      (await post('/v1/linkings/old', [oldLinkingRequest, linkingResponse], request, signal)).messages,
    namespaces: async () => (await get('/v1/namespaces', namespacesResponse)).heads,
    userChain: async (user) => (await get(`/v1/users/${user}/chain`, userChainResponse)).links,
    async setInStep(isInStep) {
      await post('/v1/in-step', [inStepRequest, emptyResponse], { isInStep });
    },
    profile: () => get('/v1/profile', profileSchema),
    async setProfile(profile) {
      const body = encodeWire(profileSchema, profile);
      await send({ method: 'PUT', path: '/v1/profile', body, deadlineMs: DEADLINE_MS });
    },
    push: () => get('/v1/push', pushKeyResponse),
    async setPush(subscription) {
      const body = subscription === null ? undefined : encodeWire(pushSubscriptionSchema, subscription);
      const method = subscription === null ? 'DELETE' : 'PUT';
      await send({ method, path: '/v1/push', body, deadlineMs: DEADLINE_MS });
    },
    subscribe(listener) {
      listeners.add(listener);
      stream ??= createEventStream({
        url: client.http.url,
        token,
        way: async () => (await client.http.network.way(client.http.url)).socket,
        send,
        publish,
        onTokenRefused: () => (opening = null),
      });
      if (stream.isConnected()) listener({ event: 'connected' });
      return () => listeners.delete(listener);
    },
    isConnected: () => stream?.isConnected() ?? false,
    reconnect() {
      client.http.network.refresh();
      stream?.reconnect();
    },
    refusal: () => refusal,
    skewMs: () => skewMs,
    async close() {
      closing.abort(new OnefoldError('server-unreachable', 'closed'));
      stream?.close();
      await client.close();
    },
  };
}
