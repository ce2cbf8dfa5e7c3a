import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { OnefoldError, type KeyBox, type LoginParameters, type LoginResponse, type UserId } from '@onefold/protocol';
import { sourceOf } from '../address-source.ts';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import type { UserTable } from '../metadata/tables.ts';
import { tokenHash } from './access.ts';
import { attemptBucket, countFailure, isThrottled, type AttemptLimit } from './attempts.ts';
import { recordAudit } from './audit.ts';
import { readLinks } from './chain-cache.ts';
import { emailKey, verifierOf } from './create-account.ts';

/*
 * Nobody learns from here whether an address has an account: unknown ones get parameters that look like anybody's and stay the same, and a login
 * takes the same steps (one read, one comparison, one durable write) whatever is wrong with it.
 */

const LOGIN_TOKEN_MS = 10 * 60_000;
const SECRET_NAME = 'decoy-secret';
const DEFAULT_KDF = { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

/** Makes the secret that decoys come from, once for the life of the data. */
export async function ensureDecoySecret(context: Pick<ServerContext, 'metadata'>): Promise<void> {
  await context.metadata.write((writer) =>
    context.metadata.sql.insertMany(
      writer,
      'setting',
      [{ name: SECRET_NAME, value: new Uint8Array(randomBytes(32)) }],
      'keep',
    ),
  );
}

type LoginRow = Pick<
  UserTable,
  'user' | 'salt' | 'kdf_memory_kib' | 'kdf_passes' | 'kdf_lanes' | 'auth_verifier' | 'recovery_verifier'
>;
const LOGIN_COLUMNS = [
  'user',
  'salt',
  'kdf_memory_kib',
  'kdf_passes',
  'kdf_lanes',
  'auth_verifier',
  'recovery_verifier',
] as const;

/** The account of an address, or a stable invention. The same queries run in both cases. */
async function findOrInvent(reader: Reader, email: string): Promise<LoginRow & { readonly isReal: boolean }> {
  const key = emailKey(email);
  const { value: secret } = await reader
    .selectFrom('setting')
    .select('value')
    .where('name', '=', SECRET_NAME)
    .executeTakeFirstOrThrow();
  const eldest = await reader
    .selectFrom('user')
    .select(LOGIN_COLUMNS)
    .orderBy('created_at_ms')
    .orderBy('user')
    .limit(1)
    .executeTakeFirst();
  const real = await reader.selectFrom('user').select(LOGIN_COLUMNS).where('email_key', '=', key).executeTakeFirst();
  const invent = (label: string): Uint8Array =>
    new Uint8Array(createHmac('sha256', secret).update(`${label}\0${key}`).digest());
  const decoy = {
    user: invent('user').slice(0, 16),
    salt: invent('salt').slice(0, 16),
    kdf_memory_kib: eldest?.kdf_memory_kib ?? DEFAULT_KDF.memory_kib,
    kdf_passes: eldest?.kdf_passes ?? DEFAULT_KDF.passes,
    kdf_lanes: eldest?.kdf_lanes ?? DEFAULT_KDF.lanes,
    auth_verifier: invent('verifier'),
    recovery_verifier: invent('recovery'),
  };
  return { ...(real ?? decoy), isReal: real !== undefined };
}

/** What a client needs to compute its authentication key. Never throws for an unknown address. */
export async function loginParameters(context: ServerContext, email: string): Promise<LoginParameters> {
  const row = await findOrInvent(context.metadata.read, email);
  return {
    user: idOf<UserId>(row.user),
    salt: row.salt,
    kdf: { algorithm: 'argon2id', memoryKib: row.kdf_memory_kib, passes: row.kdf_passes, lanes: row.kdf_lanes },
  };
}

interface Proof {
  readonly email: string;
  readonly authKey: Uint8Array;
}

/**
 * Checks a proof against what is kept of the login's or the phrase's key, and does `then` in the same transaction. Throws `login-failed`, or
 * `login-throttled` before looking at the proof.
 */
export async function prove(
  context: ServerContext,
  { email, authKey }: Proof,
  address: string,
  kind: 'login' | 'recovery' | 'account-deleted',
  then: (writer: Writer, user: UserId, nowMs: number) => Promise<void>,
): Promise<UserId> {
  const { metadata, config } = context;
  const nowMs = context.nowMs();
  const row = await findOrInvent(metadata.read, email);
  const verifier = kind === 'recovery' ? row.recovery_verifier : row.auth_verifier;
  const isRight = timingSafeEqual(verifierOf(authKey), verifier) && row.isReal;
  const user = idOf<UserId>(row.user);
  const source = sourceOf(address);
  const buckets: AttemptLimit[] = [
    [attemptBucket('address', source), config.limits.failedLoginsPerAddress],
    [attemptBucket('account', emailKey(email)), config.limits.failedLoginsPerAccount],
    [attemptBucket('pair', `${source}\0${emailKey(email)}`), config.limits.failedLoginsPerPair],
  ];
  const outcome = await metadata.write(async (writer) => {
    if (await isThrottled(writer, buckets, nowMs)) return 'throttled';
    if (!isRight) {
      await countFailure(context, writer, buckets, nowMs);
      await recordAudit(writer, metadata.sql, { action: 'login-failed', ...(row.isReal ? { user } : {}) }, nowMs);
      return 'failed';
    }
    await then(writer, user, nowMs);
    await recordAudit(writer, metadata.sql, { action: kind, user }, nowMs);
    return 'open';
  });
  context.metrics.login(outcome);
  if (outcome === 'throttled') throw new OnefoldError('login-throttled', 'too many failed logins; try again later');
  if (outcome === 'failed')
    throw new OnefoldError(
      'login-failed',
      kind === 'recovery'
        ? 'e-mail address and recovery phrase do not fit together'
        : 'e-mail address, password and Secret Key do not fit together',
    );
  return user;
}

/** Proves the password and the Secret Key. Throws as `prove`. */
export async function login(context: ServerContext, proof: Proof, address: string): Promise<LoginResponse> {
  const { metadata } = context;
  const loginToken = randomBytes(32).toString('base64url');
  const user = await prove(context, proof, address, 'login', (writer, to, nowMs) =>
    metadata.sql.insertMany(writer, 'session', [
      {
        token_hash: tokenHash(loginToken),
        kind: 'login',
        user: idBytes(to),
        device: null,
        device_version: 0,
        expires_at_ms: nowMs + LOGIN_TOKEN_MS,
      },
    ]),
  );
  const boxes = await readBoxes(metadata.read, user, 'login');
  return { user, loginToken, boxes, links: await readLinks(metadata.read, user, 0) };
}

/** Proves the recovery phrase. Throws as `prove`. */
export async function proveRecovery(context: ServerContext, proof: Proof, address: string): Promise<UserId> {
  return prove(context, proof, address, 'recovery', () => Promise.resolve());
}

/** What a login token stands for. */
export interface Login {
  readonly user: UserId;
  readonly tokenHash: Uint8Array;
  /** The device it has added; a login adds one. */
  readonly device: KeyBoxDevice | undefined;
}

/** Throws `session-expired`. */
export async function readLogin(reader: Reader, loginToken: string, nowMs: number): Promise<Login> {
  const hash = tokenHash(loginToken);
  const row = await reader
    .selectFrom('session')
    .select(['user', 'device', 'expires_at_ms'])
    .where('token_hash', '=', hash)
    .where('kind', '=', 'login')
    .executeTakeFirst();
  if (row === undefined || row.expires_at_ms <= nowMs)
    throw new OnefoldError('session-expired', 'the login has ended; log in again');
  const device = row.device === null ? undefined : idOf<KeyBoxDevice>(row.device);
  return { user: idOf<UserId>(row.user), tokenHash: hash, device };
}

/** Key boxes for one kind of recipient; for devices, of one device. */
export async function readBoxes(
  reader: Reader,
  user: UserId,
  kind: KeyBox['recipient']['kind'],
  device?: KeyBoxDevice,
): Promise<KeyBox[]> {
  const rows = await reader
    .selectFrom('key_box')
    .select(['generation', 'sealed'])
    .where('user', '=', idBytes(user))
    .where('recipient_kind', '=', kind)
    .where('recipient', '=', device === undefined ? new Uint8Array(0) : idBytes(device))
    .orderBy('generation')
    .execute();
  return rows.map(({ generation, sealed }) => ({
    generation,
    recipient:
      kind === 'device' && device !== undefined ? { kind, device } : { kind: kind === 'phrase' ? 'phrase' : 'login' },
    sealed,
  }));
}

type KeyBoxDevice = Extract<KeyBox['recipient'], { kind: 'device' }>['device'];
