import type { z } from 'zod';
import {
  addDeviceRequest,
  addDeviceResponse,
  challengeRequest,
  challengeResponse,
  createAccountRequest,
  createAccountResponse,
  encodeWire,
  linkingResponse,
  loginParametersRequest,
  loginParametersResponse,
  loginRequest,
  loginResponse,
  recoverRequest,
  recoverResponse,
  recoveryRequest,
  recoveryResponse,
  newLinkingRequest,
  sessionRequest,
  sessionResponse,
  type AddDeviceRequest,
  type CreateAccountRequest,
  type DeviceId,
  type LoginParameters,
  type LoginResponse,
  type NewLinkingRequest,
  type RecoverRequest,
  type RecoveryResponse,
  type SessionResponse,
} from '@onefold/protocol';
import { createHttpCalls, readAnswer, type HttpCalls } from './http-calls.ts';
import { createNetwork, type Network } from '../network/network.ts';

const DEADLINE_MS = 60_000;

/** The calls that need no session. */
export interface ServerClient {
  readonly http: HttpCalls;
  createAccount(request: CreateAccountRequest): Promise<void>;
  loginParameters(email: string): Promise<LoginParameters>;
  login(email: string, authKey: Uint8Array): Promise<LoginResponse>;
  /** What the recovery phrase opens. */
  recovery(email: string, authKey: Uint8Array): Promise<RecoveryResponse>;
  recover(request: RecoverRequest): Promise<void>;
  addDevice(request: AddDeviceRequest): Promise<void>;
  /** The new device's side of a linking: messages of the old one, none when none came for a while. */
  exchangeAsNew(request: NewLinkingRequest): Promise<readonly Uint8Array[]>;
  /** Trades a signed challenge for a token. */
  openSession(device: DeviceId, sign: (challenge: Uint8Array) => Uint8Array): Promise<SessionResponse>;
  close(): Promise<void>;
}

export function createServerClient(url: string, network: Network = createNetwork()): ServerClient {
  const http = createHttpCalls(url, network);

  async function post<Q extends z.ZodType, A extends z.ZodType>(
    path: string,
    [ask, answer]: readonly [Q, A],
    value: z.output<Q>,
  ): Promise<z.output<A>> {
    const body = encodeWire(ask, value);
    return readAnswer(answer, await http.send({ method: 'POST', path, body, deadlineMs: DEADLINE_MS }));
  }

  return {
    http,
    async createAccount(request) {
      await post('/v1/accounts', [createAccountRequest, createAccountResponse], request);
    },
    loginParameters: (email) =>
      post('/v1/login/parameters', [loginParametersRequest, loginParametersResponse], { email }),
    login: (email, authKey) => post('/v1/login', [loginRequest, loginResponse], { email, authKey }),
    recovery: (email, authKey) => post('/v1/recovery', [recoveryRequest, recoveryResponse], { email, authKey }),
    async recover(request) {
      await post('/v1/recover', [recoverRequest, recoverResponse], request);
    },
    async addDevice(request) {
      await post('/v1/devices', [addDeviceRequest, addDeviceResponse], request);
    },
    async exchangeAsNew(request) {
      return (await post('/v1/linkings/new', [newLinkingRequest, linkingResponse], request)).messages;
    },
    async openSession(device, sign) {
      const { challenge } = await post('/v1/sessions/challenge', [challengeRequest, challengeResponse], { device });
      const signature = sign(challenge);
      return post('/v1/sessions', [sessionRequest, sessionResponse], { device, challenge, signature });
    },
    close: () => http.close(),
  };
}
