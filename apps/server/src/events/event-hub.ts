import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeviceId, NamespaceHead, NamespaceId, ServerEvent, UserId } from '@onefold/protocol';
import { readHeads, readHeadsOfAll } from '../accounts/access.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Bus, BusMessage } from '../bus/bus.ts';
import type { Reader } from '../metadata/database.ts';

/** Who waits for events: an open socket or a long poll. `deliver` must not throw or wait. */
export interface Listener {
  readonly user: UserId;
  readonly device: DeviceId;
  deliver(event: ServerEvent): void;
  /** The device may no longer listen. */
  end(): void;
}

export interface Subscription {
  /** Heads read after the subscription began: no later change is missed. */
  readonly heads: readonly NamespaceHead[];
  close(): void;
}

/** Hands wake-ups from the bus to those they concern. */
export interface EventHub {
  subscribe(listener: Listener): Promise<Subscription>;
  isOnline(device: DeviceId): boolean;
  count(device: DeviceId): number;
  listeners(): number;
  onlineDevices(): number;
  online(): readonly DeviceId[];
  /** Looks again at who may hear what, and ends those who may not listen any more. */
  recheck(): Promise<void>;
  /** Wake-ups may have been missed: tells everybody the heads of now. */
  catchUp(): Promise<void>;
  close(): void;
}

interface Entry {
  readonly listener: Listener;
  namespaces: Set<NamespaceId>;
}

/** Deliveries made before others get their turn. */
const SLICE = 256;
/** Whose standing is read in one query. */
const USERS_AT_ONCE = 200;

export function createEventHub(options: {
  readonly bus: Bus;
  readonly reader: Reader;
  readonly onError: (error: unknown) => void;
  /** Hears of every event and how many it went to; for metrics. */
  readonly onEvent?: (kind: string, listeners: number) => void;
  /** A device has its first listener here, or lost its last one. */
  readonly onPresence?: (device: DeviceId) => void;
}): EventHub {
  const byUser = new Map<UserId, Set<Entry>>();
  const byNamespace = new Map<NamespaceId, Set<Entry>>();
  const online = new Map<DeviceId, number>();
  let looks = 0;
  const lookedAt = new WeakMap<Set<Entry>, number>();

  function place(entry: Entry, namespaces: ReadonlySet<NamespaceId>): void {
    for (const namespace of entry.namespaces) if (!namespaces.has(namespace)) removeFrom(byNamespace, namespace, entry);
    for (const namespace of namespaces) addTo(byNamespace, namespace, entry);
    entry.namespaces = new Set(namespaces);
  }

  function remove(entry: Entry): void {
    const { user, device } = entry.listener;
    if (!removeFrom(byUser, user, entry)) return;
    place(entry, new Set());
    const left = (online.get(device) ?? 1) - 1;
    if (left > 0) online.set(device, left);
    else {
      online.delete(device);
      options.onPresence?.(device);
    }
  }

  async function fanOut(entries: Iterable<Entry>, event: ServerEvent, except?: DeviceId): Promise<void> {
    const listening = [...entries];
    options.onEvent?.(event.event, listening.length);
    let done = 0;
    for (const { listener } of listening) {
      if (listener.device !== except) listener.deliver(event);
      if (++done % SLICE === 0) await nextTurn();
    }
  }

  async function endRevoked(users: readonly UserId[]): Promise<void> {
    const listening = users.filter((user) => byUser.has(user));
    if (listening.length === 0) return;
    const active = await activeDevices(options.reader, listening);
    for (const user of listening)
      for (const { listener } of [...(byUser.get(user) ?? [])]) if (!active.has(listener.device)) listener.end();
  }

  /** New namespaces are told by their heads. */
  async function refresh(users: readonly UserId[], told: 'new' | 'all' = 'new'): Promise<void> {
    const listening = users.filter((user) => byUser.has(user));
    if (listening.length === 0) return;
    const began = ++looks;
    const headsOf = await readHeadsOfAll(options.reader, listening);
    for (const user of listening) {
      const entries = byUser.get(user);
      // A look that began later has shown more already.
      if (entries === undefined || (lookedAt.get(entries) ?? 0) > began) continue;
      lookedAt.set(entries, began);
      const heads = headsOf.get(user) ?? [];
      const namespaces = new Set(heads.map((head) => head.namespaceId));
      for (const entry of [...entries]) {
        const known = entry.namespaces;
        place(entry, namespaces);
        for (const head of heads)
          if (told === 'all' || !known.has(head.namespaceId)) entry.listener.deliver({ event: 'head', head });
      }
    }
  }

  async function lookAtAll(look: (users: readonly UserId[]) => Promise<void>): Promise<void> {
    const users = [...byUser.keys()];
    for (let at = 0; at < users.length; at += USERS_AT_ONCE) {
      await look(users.slice(at, at + USERS_AT_ONCE));
      await nextTurn();
    }
  }

  function receive(message: BusMessage): Promise<void> {
    switch (message.kind) {
      case 'head':
        return fanOut(byNamespace.get(message.head.namespaceId) ?? [], { event: 'head', head: message.head });
      case 'uploading': {
        const { event } = message;
        // Its own device began the upload and needs no news of that.
        return fanOut(
          byNamespace.get(event.namespaceId) ?? [],
          event,
          event.state === 'pending' ? event.device : undefined,
        );
      }
      case 'chain':
        // The new links may have revoked someone who listens.
        return endRevoked([message.user]).then(() =>
          fanOut(byUser.get(message.user) ?? [], { event: 'chain', chainLength: message.chainLength }),
        );
      case 'membership':
        return refresh([message.user]);
    }
  }

  const unsubscribe = options.bus.subscribe((message) => {
    receive(message).catch(options.onError);
  });

  return {
    async subscribe(listener) {
      const entry: Entry = { listener, namespaces: new Set() };
      addTo(byUser, listener.user, entry);
      const count = online.get(listener.device) ?? 0;
      online.set(listener.device, count + 1);
      if (count === 0) options.onPresence?.(listener.device);
      try {
        // Twice: the first read says where to listen, the second, made while listening, leaves no gap.
        const first = await readHeads(options.reader, listener.user);
        if (byUser.get(listener.user)?.has(entry) === true)
          place(entry, new Set(first.map((head) => head.namespaceId)));
        const heads = await readHeads(options.reader, listener.user);
        return { heads, close: () => remove(entry) };
      } catch (thrown) {
        remove(entry);
        throw thrown;
      }
    },
    isOnline: (device) => online.has(device),
    count: (device) => online.get(device) ?? 0,
    listeners: () => [...online.values()].reduce((sum, count) => sum + count, 0),
    onlineDevices: () => online.size,
    online: () => [...online.keys()],
    catchUp: () => lookAtAll((users) => refresh(users, 'all')),
    recheck: () =>
      lookAtAll(async (users) => {
        await endRevoked(users);
        await refresh(users);
      }),
    close() {
      unsubscribe();
      for (const entries of [...byUser.values()]) for (const entry of [...entries]) entry.listener.end();
    },
  };
}

async function activeDevices(reader: Reader, users: readonly UserId[]): Promise<Set<DeviceId>> {
  const rows = await reader
    .selectFrom('device')
    .select('device')
    .where('user', 'in', users.map(idBytes))
    .where('revoked_n', 'is', null)
    .execute();
  return new Set(rows.map((row) => idOf<DeviceId>(row.device)));
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, V>(map: Map<K, Set<V>>, key: K, value: V): boolean {
  const set = map.get(key);
  if (set?.delete(value) !== true) return false;
  if (set.size === 0) map.delete(key);
  return true;
}
