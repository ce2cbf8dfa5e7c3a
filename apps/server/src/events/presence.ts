import { randomBytes } from 'node:crypto';
import { toHex, type DeviceId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';

/*
 * Which devices are connected, on whichever node. A row stands for a device that one node listens to:
 *
 *   came -> told within a moment -> told again before its time is up -> left, and not back within a moment -> gone
 *
 * A node that dies leaves rows whose time runs out. All of it informs people and saves wake-ups; nothing relies on it.
 */
export interface Presence {
  /** A device came to this node or left it. */
  changed(device: DeviceId): void;
  /** Those of `devices` that are connected, to this node or another. */
  connectedAmong(devices: readonly Uint8Array[]): Promise<ReadonlySet<string>>;
  /** Says again who is here, and forgets rows whose time is up. */
  refresh(): Promise<void>;
  /** Nobody is here any more. */
  close(): Promise<void>;
}

/** Longer than two refreshes. */
export const PRESENCE_MS = 90_000;
const COME_MS = 50;
/** A long poll ends and is made anew; a device that reconnects never left. */
const LEAVE_MS = 3_000;
/** Devices told of in one transaction. */
const AT_ONCE = 1_000;

export function createPresence(options: {
  readonly metadata: MetadataDatabase;
  readonly nowMs: () => number;
  readonly isHere: (device: DeviceId) => boolean;
  readonly here: () => readonly DeviceId[];
  readonly onError: (error: unknown) => void;
}): Presence {
  const { metadata, nowMs } = options;
  const node = toHex(new Uint8Array(randomBytes(8)));
  const told = new Set<DeviceId>();
  const due = new Set<DeviceId>();
  const timers = new Map<DeviceId, NodeJS.Timeout>();
  let last: Promise<void> = Promise.resolve();
  let isClosed = false;

  function inTurn(work: () => Promise<void>): Promise<void> {
    last = last.then(work).catch(options.onError);
    return last;
  }

  async function say(devices: readonly DeviceId[]): Promise<void> {
    const now = nowMs();
    const rows = devices.map((device) => ({ device: idBytes(device), node, until_ms: now + PRESENCE_MS }));
    await metadata.write((writer) =>
      metadata.sql.insertMany(writer, 'presence', rows, { keys: ['device', 'node'], update: ['until_ms'] }),
    );
    for (const device of devices) told.add(device);
  }

  async function unsay(devices: readonly DeviceId[]): Promise<void> {
    const ids = devices.map(idBytes);
    await metadata.write(async (writer) => {
      await writer.deleteFrom('presence').where('device', 'in', ids).where('node', '=', node).execute();
      await writer.updateTable('device').set({ last_seen_ms: nowMs() }).where('device', 'in', ids).execute();
    });
    for (const device of devices) told.delete(device);
  }

  /** All that came or left since the last time in one transaction: when a node has died, its devices come all at once. */
  async function tellChanges(): Promise<void> {
    const looked = [...due];
    due.clear();
    const came = looked.filter((device) => options.isHere(device) && !told.has(device));
    const left = looked.filter((device) => !options.isHere(device) && told.has(device));
    for (let at = 0; at < came.length; at += AT_ONCE) await say(came.slice(at, at + AT_ONCE));
    for (let at = 0; at < left.length; at += AT_ONCE) await unsay(left.slice(at, at + AT_ONCE));
  }

  return {
    changed(device) {
      if (isClosed) return;
      clearTimeout(timers.get(device));
      const look = (): void => {
        timers.delete(device);
        if (due.size === 0) void inTurn(tellChanges);
        due.add(device);
      };
      timers.set(device, setTimeout(look, options.isHere(device) ? COME_MS : LEAVE_MS).unref());
    },
    async connectedAmong(devices) {
      const here = devices.map((device) => idOf<DeviceId>(device)).filter(options.isHere);
      return new Set([...here, ...(await connectedElsewhere(metadata.read, devices, node, nowMs()))]);
    },
    refresh: () =>
      inTurn(async () => {
        const here = options.here();
        for (let at = 0; at < here.length; at += AT_ONCE) await say(here.slice(at, at + AT_ONCE));
        const now = nowMs();
        const gone = await metadata.read
          .selectFrom('presence')
          .select('device')
          .where('until_ms', '<=', now)
          .limit(1)
          .execute();
        if (gone.length > 0)
          await metadata.write((writer) => writer.deleteFrom('presence').where('until_ms', '<=', now).execute());
      }),
    async close() {
      isClosed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await inTurn(async () => {
        if (told.size === 0) return;
        await metadata.write((writer) => writer.deleteFrom('presence').where('node', '=', node).execute());
      });
    },
  };
}

/** What other nodes say. */
async function connectedElsewhere(
  reader: Reader,
  devices: readonly Uint8Array[],
  node: string,
  nowMs: number,
): Promise<DeviceId[]> {
  if (devices.length === 0) return [];
  const rows = await reader
    .selectFrom('presence')
    .select('device')
    .where('device', 'in', devices)
    .where('node', '!=', node)
    .where('until_ms', '>', nowMs)
    .execute();
  return rows.map((row) => idOf<DeviceId>(row.device));
}
