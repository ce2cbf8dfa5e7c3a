import { z } from 'zod';
import { signedLinkSchema } from './chain.ts';
import { signedEntrySchema } from './entry.ts';
import {
  bytesSchema,
  countSchema,
  deviceIdCodec,
  fixedBytes,
  hashCodec,
  namespaceIdCodec,
  userIdCodec,
} from './ids.ts';

/*
 * Calls about accounts, devices and sessions. Bodies are deterministic CBOR, `content-type: application/cbor`, both ways.
 * An error answers with its HTTP status and body errorSchema. Everything but the first seven needs `authorization: Bearer TOKEN`.
 */

/** Argon2id parameters: memory in KiB, passes, lanes. A client refuses them outside its own floor and ceiling. */
export const kdfSchema = z.object({
  algorithm: z.literal('argon2id'),
  memoryKib: z.int().min(1),
  passes: z.int().min(1),
  lanes: z.int().min(1),
});
export type KdfParameters = z.infer<typeof kdfSchema>;

/** The seed of one generation of user keys, HPKE-sealed to a recipient. */
export const keyBoxSchema = z.object({
  generation: z.int().min(1),
  recipient: z.union([
    z.object({ kind: z.literal('login') }),
    z.object({ kind: z.literal('phrase') }),
    z.object({ kind: z.literal('device'), device: deviceIdCodec }),
  ]),
  sealed: bytesSchema,
});
export type KeyBox = z.infer<typeof keyBoxSchema>;

export const emailSchema = z
  .string()
  .min(3)
  .max(254)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u);

/** POST /v1/accounts. `links` are root, add-device and pin-namespace (own); `genesis` opens the account's own namespace. */
export const createAccountRequest = z.object({
  user: userIdCodec,
  email: emailSchema,
  salt: fixedBytes(16),
  kdf: kdfSchema,
  /** The server keeps SHA-256 of these two only. */
  authKey: fixedBytes(32),
  recoveryAuthKey: fixedBytes(32),
  links: z.array(signedLinkSchema).length(3),
  boxes: z.array(keyBoxSchema).min(3).max(8),
  genesis: signedEntrySchema,
});
export const createAccountResponse = z.object({ head: countSchema });

/** POST /v1/login/parameters. Unknown addresses get stable, plausible answers. */
export const loginParametersRequest = z.object({ email: emailSchema });
export const loginParametersResponse = z.object({ user: userIdCodec, salt: fixedBytes(16), kdf: kdfSchema });

/** POST /v1/login. `loginToken` only serves to add this device. `links` is the whole chain. */
export const loginRequest = z.object({ email: emailSchema, authKey: fixedBytes(32) });
export const loginResponse = z.object({
  user: userIdCodec,
  loginToken: z.string(),
  boxes: z.array(keyBoxSchema),
  links: z.array(signedLinkSchema),
});

/** POST /v1/recovery: proves the recovery phrase. `boxes` are those sealed to it, `links` the whole chain. */
export const recoveryRequest = z.object({ email: emailSchema, authKey: fixedBytes(32) });
export const recoveryResponse = z.object({ boxes: z.array(keyBoxSchema), links: z.array(signedLinkSchema) });

/**
 * POST /v1/recover: appends a `recover` link, with the boxes of its generation for the phrase and every device that stays, all generations' for the login, and
 * what proves the new login. 409 `chain-conflict` when not at the chain's end.
 */
export const recoverRequest = recoveryRequest.extend({
  link: signedLinkSchema,
  boxes: z.array(keyBoxSchema).min(1).max(4_096),
  login: z.object({ salt: fixedBytes(16), kdf: kdfSchema, authKey: fixedBytes(32) }),
});
export const recoverResponse = z.object({ chainLength: countSchema });

/**
 * POST /v1/account/delete: deletes the caller's account for good; `authKey` proves password and Secret Key as at a login. From the answer on every device of
 * it is told `account-deleted`.
 */
export const deleteAccountRequest = z.object({ authKey: fixedBytes(32) });

/**
 * POST /v1/devices: `link` is an add-device, signed by the new device and, after a login, by the user keys; without `loginToken` it comes from an
 * active device with a session, which signs it too. `boxes` are for the new device. 409 `chain-conflict` when not at the chain's end.
 */
export const addDeviceRequest = z.object({
  loginToken: z.string().optional(),
  link: signedLinkSchema,
  boxes: z.array(keyBoxSchema).min(1).max(1_024),
});
export const addDeviceResponse = z.object({ chainLength: countSchema });

/** POST /v1/sessions/challenge, then POST /v1/sessions with Ed25519(device, "onefold/session/v1" || challenge). */
export const challengeRequest = z.object({ device: deviceIdCodec });
export const challengeResponse = z.object({ challenge: fixedBytes(32) });
export const sessionRequest = z.object({ device: deviceIdCodec, challenge: fixedBytes(32), signature: fixedBytes(64) });
export const sessionResponse = z.object({ token: z.string(), expiresInMs: countSchema, user: userIdCodec });

/** GET /v1/account?after=N: links after position N (-1 or absent for all), and this device's key boxes. */
export const accountResponse = z.object({
  user: userIdCodec,
  email: z.string(),
  links: z.array(signedLinkSchema),
  chainLength: countSchema,
  boxes: z.array(keyBoxSchema),
  devices: z.array(
    z.object({
      device: deviceIdCodec,
      lastSeenMs: countSchema,
      online: z.boolean(),
      /** When it last said that nothing was left to do on it, or was seen since having said so; null: never. */
      inStepMs: countSchema.nullable(),
    }),
  ),
});

/** POST /v1/in-step: from now on nothing is left to do on this device, or something is. For people to see; nothing relies on it. */
export const inStepRequest = z.object({ isInStep: z.boolean() });

/**
 * POST /v1/chain: appends links and whatever goes with them, all or nothing. 409 `chain-conflict`, `behind`.
 *
 * - `genesis`: opens the namespace that the links pin.
 * - `boxes`: the user keys of the generation that a `rotate` opens, for every active device, the login and the phrase; with `login` also those of
 *   the generations before, for the login.
 * - `login`: what a new password and Secret Key stand for, when the `rotate` names their box key.
 * - `entries`: pins and epochs of the user's namespaces. Who revokes a device moves every one of its pins and opens every epoch with it.
 */
export const appendChainRequest = z.object({
  links: z.array(signedLinkSchema).min(1).max(16),
  genesis: signedEntrySchema.optional(),
  boxes: z.array(keyBoxSchema).max(4_096).optional(),
  login: z.object({ salt: fixedBytes(16), kdf: kdfSchema, authKey: fixedBytes(32) }).optional(),
  entries: z
    .array(z.object({ namespaceId: namespaceIdCodec, entry: signedEntrySchema }))
    .max(2_048)
    .optional(),
});
export const appendChainResponse = z.object({ chainLength: countSchema });

/**
 * The head of a namespace: position and H of the last entry. It changes with `recoveryEpoch` only when a server was restored. `lostRevision` grows whenever
 * the server finds blocks lost, or there again (see lostBlocksResponse); absent while it never did.
 */
export const headSchema = z.object({
  namespaceId: namespaceIdCodec,
  seq: countSchema,
  hash: hashCodec,
  recoveryEpoch: countSchema,
  lostRevision: countSchema.optional(),
});
export type NamespaceHead = z.infer<typeof headSchema>;

/** GET /v1/namespaces */
export const namespacesResponse = z.object({ heads: z.array(headSchema) });

/** GET /v1/users/{user}/chain: the chain of someone who shares a namespace with the caller. */
export const userChainResponse = z.object({ links: z.array(signedLinkSchema) });

export const errorSchema = z.object({ code: z.string(), message: z.string() });

export type CreateAccountRequest = z.infer<typeof createAccountRequest>;
export type LoginParameters = z.infer<typeof loginParametersResponse>;
export type LoginResponse = z.infer<typeof loginResponse>;
export type AddDeviceRequest = z.infer<typeof addDeviceRequest>;
export type SessionResponse = z.infer<typeof sessionResponse>;
export type AccountResponse = z.infer<typeof accountResponse>;
export type AppendChainRequest = z.infer<typeof appendChainRequest>;
export type RecoveryResponse = z.infer<typeof recoveryResponse>;
export type RecoverRequest = z.infer<typeof recoverRequest>;
