/* The real state, disk and workers around a server that answers at once: what is measured is the engine's. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createBlocks } from '../node/blocks/blocks.ts';
import { openDisk } from '../node/disk/disk.ts';
import { writeMarker } from '../node/disk/root-marker.ts';
import { systemClock } from '../node/machine/clock.ts';
import { systemRandom } from '../node/machine/random.ts';
import { openStore } from '../node/state/store.ts';
import type { Ports, Remote } from '../ports.ts';
import { createRunner, type Runner } from '../sync/runner.ts';
import { memoryEpoch, type AccountDevice, type MemoryAccount } from './memory-account.ts';
import { createMemorySealing } from './memory-sealing.ts';
import type { MemoryServer, ServerCalls } from './memory-server-calls.ts';

export const secret = (label: string): Uint8Array => new Uint8Array(createHash('sha256').update(label).digest());

/** Milliseconds spent waiting for what is not the engine's own doing. */
export const outside = { blocksMs: 0, serverMs: 0 };

function timed<A extends unknown[], R>(part: keyof typeof outside, work: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    const startMs = performance.now();
    try {
      return await work(...args);
    } finally {
      outside[part] += performance.now() - startMs;
    }
  };
}

export function remoteOf(calls: ServerCalls): Remote {
  const soon = <A extends unknown[], R>(act: (...args: A) => R) =>
    timed('serverMs', async (...args: A) => act(...args));
  const remote: Remote = {
    head: soon(() => calls.head()),
    entries: soon((after, minSeq) => calls.entries(after, minSeq)),
    skipped: soon((after, to) => calls.skipped(after, to)),
    snapshot: soon((seq, after) => calls.snapshot(seq, after)),
    announce: soon((request) => calls.announce(request)),
    upload: soon((uploadId) => calls.upload(uploadId)),
    putPack: soon((uploadId, packId, pack) => calls.putPack(uploadId, packId, pack)),
    commit: soon((request) => calls.commit(request)),
    readBlocks: soon((blocks) => calls.readBlocks(blocks)),
    versions: soon((node) => calls.versions(node)),
    times: soon((asked) => calls.times(asked)),
    usage: soon(() => calls.usage()),
    lostBlocks: soon((after) => calls.lostBlocks(after)),
    retention: soon(() => calls.retention()),
    setRetention: soon((policy) => calls.setRetention(policy)),
    purge: soon((node, version) => calls.purge(node, version)),
    purgedAmong: soon((nodes) => calls.purgedAmong(nodes)),
    subscribe: () => () => undefined,
    interrupt: () => undefined,
    inBulk: () => remote,
  };
  return remote;
}

/** The engine of one device on a disk of its own; `wrap` may come between it and its ports. */
export async function openRunner(
  scratch: string,
  {
    account,
    server,
    device,
  }: { readonly account: MemoryAccount; readonly server: MemoryServer; readonly device: AccountDevice },
  wrap: (ports: Ports) => Ports = (ports) => ports,
): Promise<{ runner: Runner; root: string; close: () => Promise<void> }> {
  const { namespaceId } = server.head();
  const root = join(scratch, 'root');
  mkdirSync(root);
  const record = await writeMarker(root, { folderId: 'bench', deviceId: device.device, namespaceId });
  const files = await openDisk(record);
  const store = await openStore(join(scratch, 'state.sqlite'));
  const blocks = createBlocks({
    place: files.place,
    keys: {
      namespaceId,
      splitterSecret: secret('splitter'),
      manifestSplitterSecret: secret('manifest'),
      splitter: { min: 256 * 1024, mean: 1024 * 1024, max: 4 * 1024 * 1024 },
      blockIdKey: secret('block id'),
      manifestBlockIdKey: secret('manifest block id'),
      blockKey: () => secret('epoch'),
      manifestBlockKey: () => secret('manifest epoch'),
    },
  });
  const ports: Ports = {
    clock: systemClock,
    random: systemRandom,
    log: { write: () => undefined },
    power: { onResume: () => () => undefined },
    files,
    watcher: { start: () => Promise.resolve(), stop: () => Promise.resolve() },
    blocks: { ...blocks, prepare: timed('blocksMs', (...args) => blocks.prepare(...args)) },
    sealing: createMemorySealing({ device: device.device, user: account.user, sign: device.sign }),
    keys: {
      chain: () => Promise.resolve(account.chain),
      openEpoch: () => Promise.resolve(),
      nextEpoch: (epoch, members) => Promise.resolve(memoryEpoch(epoch, members)),
      deviceName: () => device.name,
    },
    remote: remoteOf(server.callsOf(device.device)),
    store,
  };
  const quiet = { wake: () => undefined, status: () => undefined, activity: () => undefined };
  const runner = createRunner(wrap(ports), { namespaceId, deviceName: device.name, folderId: 'bench' }, quiet);
  return {
    runner,
    root,
    async close() {
      await blocks.close();
      await store.close();
      await files.close();
    },
  };
}
