import {
  encodeWire,
  decodeWire,
  pushSubscriptionSchema,
  type DeviceId,
  type PushSubscription,
} from '@onefold/protocol';
import type { BusMessage } from '../bus/bus.ts';
import type { ServerConfig } from '../config.ts';
import type { Presence } from '../events/presence.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Metrics } from '../metrics.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';
import { encryptPush } from './encrypt-push.ts';
import { createLanes } from './lanes.ts';
import { claimWakeUps, isDue, leaveAlone } from './quiet-devices.ts';
import { sendPush } from './send-push.ts';
import { readVapidKey, vapidHeader, type VapidKey } from './vapid.ts';

/*
 * Wakes devices that are not connected. What is sent says nothing but "look": the device connects and compares heads.
 *
 *   news -> due soon, with all news of that moment -> asked who is away -> taken on, by one of all nodes -> sent -> quiet for a while
 *                                                                                                            \-> gone (404, 410): the subscription is forgotten
 *                                                                                                            \-> failed for now: sent again, later and later, a few times
 *   news within the quiet -> one more when it is over, unless another node has sent it by then
 *
 * Only the node on which something changed sends. A lost wake-up, as of a node that dies with one, costs delay, until the device looks by itself.
 */
export interface PushService {
  /** Null: wake-ups are off. */
  readonly publicKey: Uint8Array | null;
  /** Something happened here that others may want to know. Does not wait. */
  hear(message: BusMessage): void;
  /** Gives up what is being sent. */
  close(): Promise<void>;
}

const GATHER_MS = 500;
/** Messages on their way at once, and those to devices of one user: an endpoint that never answers holds up only them. */
const AT_ONCE = 256;
const AT_ONCE_OF_USER = 4;
/** Devices whose presence is looked up in one query. */
const LOOKED_UP_AT_ONCE = 500;
/** A wake-up that a push service cannot take for now is sent again so often, each time after twice as long, at first after the quiet or this. */
const MOST_RETRIES = 5;
const FIRST_RETRY_MS = 1_000;
/** The same for every wake-up, and nothing in it. */
const WAKE = new TextEncoder().encode('onefold/wake/v1');

export interface PushServiceOptions {
  readonly metadata: MetadataDatabase;
  readonly config: ServerConfig['push'];
  readonly nowMs: () => number;
  readonly metrics: Pick<Metrics, 'push'>;
  readonly presence: Pick<Presence, 'connectedAmong'>;
  readonly onError: (error: unknown) => void;
}

export async function createPushService(options: PushServiceOptions): Promise<PushService> {
  const { contact } = options.config;
  if (contact === undefined) return { publicKey: null, hear: () => undefined, close: () => Promise.resolve() };
  const key = await readVapidKey(options.metadata);
  return startService(options, contact, key);
}

interface Wanted {
  readonly namespaces: Set<string>;
  readonly users: Set<string>;
}

interface Target {
  readonly user: Uint8Array;
  readonly device: Uint8Array;
  readonly push_id: string | null;
  readonly quiet_until_ms: number;
}

function startService(options: PushServiceOptions, contact: string, key: VapidKey): PushService {
  const { metadata, config, metrics, nowMs } = options;
  let wanted: Wanted = { namespaces: new Set(), users: new Set() };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;
  /** Those that are to be looked at again. */
  const again = new Map<DeviceId, NodeJS.Timeout>();
  /** Taken on and not yet begun. */
  const queued = new Set<DeviceId>();
  /** How often a device's wake-up has failed by now. */
  const failures = new Map<DeviceId, number>();
  const lanes = createLanes(AT_ONCE, AT_ONCE_OF_USER);
  const over = new AbortController();

  function soon(): void {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const news = wanted;
      wanted = { namespaces: new Set(), users: new Set() };
      running = running.then(() => tell(news)).catch(options.onError);
    }, GATHER_MS).unref();
  }

  async function tell(news: Wanted): Promise<void> {
    await wakeAll(await subscribersOf(metadata.read, news));
  }

  async function wakeAll(targets: readonly Target[]): Promise<void> {
    for (let at = 0; at < targets.length; at += LOOKED_UP_AT_ONCE) {
      const some = targets.slice(at, at + LOOKED_UP_AT_ONCE);
      const connected = await options.presence.connectedAmong(some.map(({ device }) => device));
      for (const { device } of some) if (connected.has(idOf(device))) failures.delete(idOf(device));
      await takeOn(some.filter(({ device }) => !connected.has(idOf(device)) && !queued.has(idOf(device))));
    }
  }

  /** Wakes those that fall to this node; the others once their quiet is over. */
  async function takeOn(away: readonly Target[]): Promise<void> {
    const now = nowMs();
    const { quietMs } = config;
    const due = away.filter((target) => isDue(target.quiet_until_ms, now, quietMs));
    for (const target of away) if (!due.includes(target)) wakeLater(target, target.quiet_until_ms - now);
    const ours = await claimWakeUps(
      metadata,
      due.map(({ device }) => device),
      { nowMs: now, quietMs },
    );
    for (const target of due) {
      const device = idOf<DeviceId>(target.device);
      // Taken on by another node after this one had looked, and so after the news: that wake-up is for it as well.
      if (!ours.has(device)) continue;
      queued.add(device);
      const claimed: Target = { ...target, quiet_until_ms: now + quietMs };
      lanes.add(idOf(target.user), () => wake(claimed).catch(options.onError));
    }
  }

  async function wake(target: Target): Promise<void> {
    const { device: deviceBytes, push_id: pushId } = target;
    const device = idOf<DeviceId>(deviceBytes);
    queued.delete(device);
    if (pushId === null) return;
    const { endpoint, ...keys } = readSubscription(pushId);
    const url = URL.parse(endpoint);
    const { outcome, retryAfterMs } =
      url === null
        ? { outcome: 'gone' as const, retryAfterMs: 0 }
        : await sendPush(
            {
              endpoint,
              authorization: vapidHeader(key, url, contact, nowMs()),
              body: encryptPush(WAKE, keys),
              allowsPrivate: config.allowsPrivate,
            },
            over.signal,
          );
    metrics.push(outcome);
    const patience = retryAfterMs > 0 ? { ...target, quiet_until_ms: nowMs() + retryAfterMs } : target;
    if (retryAfterMs > 0) await leaveAlone(metadata, deviceBytes, patience.quiet_until_ms);
    if (outcome === 'failed') wakeAgain(patience, retryAfterMs);
    else failures.delete(device);
    if (outcome === 'gone') await forgetSubscription(deviceBytes, pushId);
  }

  function wakeAgain(target: Target, retryAfterMs: number): void {
    const device = idOf<DeviceId>(target.device);
    const failed = failures.get(device) ?? 0;
    if (failed < MOST_RETRIES) {
      failures.set(device, failed + 1);
      wakeLater(target, Math.max(retryAfterMs, Math.max(config.quietMs, FIRST_RETRY_MS) * 2 ** failed));
    } else failures.delete(device);
  }

  /** Takes the place of what was put off before: it would be found done in a quiet that has passed. */
  function wakeLater({ device: deviceBytes, quiet_until_ms: quietUntilMs }: Target, delayMs: number): void {
    const device = idOf<DeviceId>(deviceBytes);
    clearTimeout(again.get(device));
    if (isClosed) return;
    const look = (): void => {
      again.delete(device);
      lookAgain(deviceBytes, quietUntilMs);
    };
    again.set(device, setTimeout(look, delayMs).unref());
  }

  /** Wakes it unless its quiet is another one than `quietUntilMs`: then somebody has. */
  function lookAgain(device: Uint8Array, quietUntilMs: number): void {
    running = running
      .then(async () => {
        const rows = await metadata.read
          .selectFrom('device')
          .select(['user', 'device', 'push_id', 'quiet_until_ms'])
          .where('device', '=', device)
          .where('revoked_n', 'is', null)
          .execute();
        const isDone = rows.some((row) => row.quiet_until_ms !== quietUntilMs);
        if (isDone) failures.delete(idOf(device));
        else await wakeAll(rows);
      })
      .catch(options.onError);
  }

  /** Unless the device has made another one meanwhile. */
  async function forgetSubscription(device: Uint8Array, pushId: string): Promise<void> {
    await metadata.write((writer) =>
      writer
        .updateTable('device')
        .set({ push_id: null })
        .where('device', '=', device)
        .where('push_id', '=', pushId)
        .execute(),
    );
  }

  return {
    publicKey: key.publicKey,
    hear(message) {
      if (message.kind === 'head') wanted.namespaces.add(message.head.namespaceId);
      else if (message.kind === 'chain' || message.kind === 'membership') wanted.users.add(message.user);
      else return;
      soon();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const later of again.values()) clearTimeout(later);
      // A push service that does not answer does not keep a server from stopping.
      over.abort();
      await running;
      await lanes.close();
    },
  };
}

/** Devices with a subscription that may know of this. */
async function subscribersOf(reader: Reader, { namespaces, users }: Wanted): Promise<Target[]> {
  const found = new Map<string, Target>();
  const add = (rows: readonly Target[]): void => {
    for (const row of rows) found.set(idOf(row.device), row);
  };
  for (const namespace of namespaces)
    add(
      await reader
        .selectFrom('member as m')
        .innerJoin('device as d', 'd.user', 'm.user')
        .select(['d.user', 'd.device', 'd.push_id', 'd.quiet_until_ms'])
        .where('m.namespace', '=', idBytes(namespace))
        .where('m.role', '!=', 'removed')
        .where('d.revoked_n', 'is', null)
        .where('d.push_id', 'is not', null)
        .execute(),
    );
  for (const user of users)
    add(
      await reader
        .selectFrom('device')
        .select(['user', 'device', 'push_id', 'quiet_until_ms'])
        .where('user', '=', idBytes(user))
        .where('revoked_n', 'is', null)
        .where('push_id', 'is not', null)
        .execute(),
    );
  return [...found.values()];
}

/** A subscription as the device's `push_id` holds it. */
export function writeSubscription(subscription: PushSubscription): string {
  return Buffer.from(encodeWire(pushSubscriptionSchema, subscription)).toString('base64url');
}

function readSubscription(pushId: string): PushSubscription {
  return decodeWire(pushSubscriptionSchema, new Uint8Array(Buffer.from(pushId, 'base64url')), 'internal');
}
