import { createHash, timingSafeEqual } from 'node:crypto';
import { equalBytes, OnefoldError, type NewLinkingRequest, type OldLinkingRequest } from '@onefold/protocol';
import { sourceOf } from '../address-source.ts';
import type { ServerContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import type { LinkingTable } from '../metadata/tables.ts';
import { readCaller, type Caller } from './access.ts';
import { attemptBucket, countFailure, isThrottled, type AttemptLimit } from './attempts.ts';

/*
 * A letter box for two devices while one is linked. Messages are sealed with keys that follow from words the server never sees.
 *
 *   open --(a new device sends with a claim)--> claimed: nobody else's messages are taken, none are handed to anybody else; five more minutes
 *   open, claimed --(five minutes, or either device ends it)--> gone: what is asked for is not found, as if it had never been
 *
 * Whoever guesses at rendezvous numbers is held back like one who guesses passwords.
 */

export const LINKING_MS = 5 * 60_000;
const OPEN_PER_USER = 8;
const MESSAGES_PER_SIDE = 32;
const LOOK_EVERY_MS = 200;
const LONGEST_WAIT_MS = 20_000;

type Side = 'old' | 'new';

/** Throws `too-many-requests` when the account has too many open, `invalid-argument` for a number that is taken. */
export async function openLinking(
  context: ServerContext,
  caller: Caller,
  { rendezvous, offer }: { readonly rendezvous: Uint8Array; readonly offer: Uint8Array },
): Promise<void> {
  const { metadata } = context;
  const nowMs = context.nowMs();
  await metadata.write(async (writer) => {
    await metadata.sql.lockUser(writer, idBytes(caller.user));
    await readCaller(writer, caller.tokenHash, nowMs);
    await writer.deleteFrom('linking').where('expires_at_ms', '<=', nowMs).execute();
    const known = await findLinking(writer, rendezvous, nowMs);
    if (known !== undefined) {
      if (await isSaid(writer, rendezvous, 'old', 0, offer)) return;
      throw new OnefoldError('invalid-argument', 'this rendezvous is taken');
    }
    const open = await writer
      .selectFrom('linking')
      .select('rendezvous')
      .where('user', '=', idBytes(caller.user))
      .execute();
    if (open.length >= OPEN_PER_USER)
      throw new OnefoldError('too-many-requests', 'this account links too many devices at once');
    await metadata.sql.insertMany(writer, 'linking', [
      {
        rendezvous,
        user: idBytes(caller.user),
        device: idBytes(caller.device),
        claim_hash: null,
        expires_at_ms: nowMs + LINKING_MS,
      },
    ]);
    await metadata.sql.insertMany(writer, 'linking_message', [{ rendezvous, side: 'old', n: 0, message: offer }]);
  });
}

/** The old device's side. Throws `not-found` for a linking that is none of this device's or has ended. */
export async function exchangeAsOld(
  context: ServerContext,
  caller: Caller,
  request: OldLinkingRequest,
  gone: AbortSignal,
): Promise<Uint8Array[]> {
  const nowMs = context.nowMs();
  await context.metadata.write(async (writer) => {
    await readCaller(writer, caller.tokenHash, nowMs);
    const linking = await findLinking(writer, request.rendezvous, nowMs);
    if (linking === undefined || !equalBytes(linking.device, idBytes(caller.device))) throw ended();
    await take(context, writer, 'old', request);
  });
  return request.end === true ? [] : waitForMessages(context, request, 'new', gone);
}

/**
 * The new device's side. Throws `not-found` for words nobody offers (any more), `forbidden` when another device has used them, `login-throttled` after
 * too many numbers that led nowhere.
 */
export async function exchangeAsNew(
  context: ServerContext,
  request: NewLinkingRequest,
  address: string,
  gone: AbortSignal,
): Promise<Uint8Array[]> {
  const { metadata, config } = context;
  const nowMs = context.nowMs();
  const claim = new Uint8Array(createHash('sha256').update('onefold/linking-claim/v1').update(request.claim).digest());
  const limits: AttemptLimit[] = [[attemptBucket('linking', sourceOf(address)), config.limits.failedLoginsPerAddress]];
  const outcome = await metadata.write(async (writer) => {
    if (await isThrottled(writer, limits, nowMs)) return 'throttled';
    const linking = await findLinking(writer, request.rendezvous, nowMs);
    if (linking === undefined) {
      await countFailure(context, writer, limits, nowMs);
      return 'ended';
    }
    if (linking.claim_hash !== null) {
      if (!timingSafeEqual(linking.claim_hash, claim)) return 'used';
    } else if (request.send !== undefined) {
      // Of two devices that send at the same moment one finds it taken.
      const taken = await writer
        .updateTable('linking')
        .set({ claim_hash: claim, expires_at_ms: nowMs + LINKING_MS })
        .where('rendezvous', '=', request.rendezvous)
        .where('claim_hash', 'is', null)
        .executeTakeFirst();
      if (taken.numUpdatedRows === 0n) return 'used';
    }
    await take(context, writer, 'new', request);
    return 'taken';
  });
  if (outcome === 'throttled') throw new OnefoldError('login-throttled', 'too many wrong words; try again later');
  if (outcome === 'used') throw new OnefoldError('forbidden', 'another device has used these words');
  if (outcome === 'ended') throw ended();
  return request.end === true ? [] : waitForMessages(context, request, 'old', gone);
}

async function take(
  { metadata }: ServerContext,
  writer: Writer,
  side: Side,
  { rendezvous, send, end }: OldLinkingRequest,
): Promise<void> {
  if (end === true) {
    await writer.deleteFrom('linking_message').where('rendezvous', '=', rendezvous).execute();
    await writer.deleteFrom('linking').where('rendezvous', '=', rendezvous).execute();
    return;
  }
  if (send === undefined) return;
  const { index, message } = send;
  const said = await writer
    .selectFrom('linking_message')
    .select(['n', 'message'])
    .where('rendezvous', '=', rendezvous)
    .where('side', '=', side)
    .execute();
  const known = said.find(({ n }) => n === index);
  if (known !== undefined && equalBytes(known.message, message)) return;
  if (index !== said.length || index >= MESSAGES_PER_SIDE)
    throw new OnefoldError('invalid-argument', 'this message is out of turn');
  await metadata.sql.insertMany(writer, 'linking_message', [{ rendezvous, side, n: index, message }]);
}

/** Messages of a side from number `seen` on: at once when there are some, else as soon as one comes, or none after a while. */
async function waitForMessages(
  context: ServerContext,
  { rendezvous, seen, wait }: OldLinkingRequest,
  side: Side,
  gone: AbortSignal,
): Promise<Uint8Array[]> {
  const { read } = context.metadata;
  const untilMs = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    if ((await findLinking(read, rendezvous, context.nowMs())) === undefined) throw ended();
    const rows = await read
      .selectFrom('linking_message')
      .select('message')
      .where('rendezvous', '=', rendezvous)
      .where('side', '=', side)
      .where('n', '>=', seen)
      .orderBy('n')
      .execute();
    if (rows.length > 0 || !wait || gone.aborted || performance.now() >= untilMs)
      return rows.map(({ message }) => message);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function findLinking(reader: Reader, rendezvous: Uint8Array, nowMs: number): Promise<LinkingTable | undefined> {
  return reader
    .selectFrom('linking')
    .selectAll()
    .where('rendezvous', '=', rendezvous)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
}

async function isSaid(reader: Reader, rendezvous: Uint8Array, side: Side, n: number, message: Uint8Array) {
  const row = await reader
    .selectFrom('linking_message')
    .select('message')
    .where('rendezvous', '=', rendezvous)
    .where('side', '=', side)
    .where('n', '=', n)
    .executeTakeFirst();
  return row !== undefined && equalBytes(row.message, message);
}

function ended(): OnefoldError {
  return new OnefoldError('not-found', 'no device waits under these words: they are mistyped, used up, or too old');
}
