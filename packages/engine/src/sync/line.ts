import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import type { Clock, Random, Remote } from '../ports.ts';
import { backOffMs } from './back-off.ts';

/** A call of a transfer is made this often, within about half a minute, before the transfer waits with the others. */
const PATIENT_ATTEMPTS = 6;

/** Given as the reason, since the standard one is an error with a stack, made anew each time. */
const NUDGED = 'nudged';

/*
 * The way to the server, which people may close for a while:
 *
 *   open <--hold, release--> held
 *     '------- close --------'--> closed
 *
 * A cycle's call that meets a held line ends with `paused`, and so does one that is under way, so that the cycle ends at once. A transfer's
 * call waits, and is made again when it was cut: nothing that has arrived is sent or fetched twice.
 */
export interface Line {
  readonly cycles: Remote;
  readonly transfers: Remote;
  /** For what a person asks for by name: goes through while the line is held. */
  readonly direct: Remote;
  hold(): void;
  release(): void;
  /** Whoever waits for its next attempt need not: the way may be open again. */
  hurry(): void;
  /** Ends the waiting; `paused` is what the waiting get. */
  close(): void;
}

export function createLine(remote: Remote, clock: Clock, random: Random): Line {
  const underWay = new Set<(error: OnefoldError) => void>();
  const waiting = new Set<() => void>();
  let state: 'open' | 'held' | 'closed' = 'open';
  let nudge = new AbortController();

  function cut(): void {
    for (const reject of [...underWay]) reject(paused());
    remote.interrupt();
  }

  function cuttable<T>(call: () => Promise<T>): Promise<T> {
    if (state !== 'open') return Promise.reject(paused());
    return new Promise<T>((resolve, reject) => {
      underWay.add(reject);
      call()
        .then(resolve, reject)
        .finally(() => underWay.delete(reject));
    });
  }

  async function opened(): Promise<void> {
    while (state === 'held') await new Promise<void>((resolve) => waiting.add(resolve));
  }

  function letGo(): void {
    for (const resolve of [...waiting]) resolve();
    waiting.clear();
  }

  async function patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let failures = 0; ;) {
      await opened();
      try {
        return await cuttable(call);
      } catch (thrown) {
        const error = toOnefoldError(thrown);
        if (isClosed()) throw error;
        if (error.code === 'paused') continue;
        if (error.reaction !== 'back-off' || ++failures >= PATIENT_ATTEMPTS) throw error;
        await clock.sleep(backOffMs(failures, random.fraction()), nudge.signal);
      }
    }
  }

  const isClosed = (): boolean => state === 'closed';
  const bulk = remote.inBulk();

  return {
    cycles: throughEach(remote, cuttable),
    transfers: throughEach(bulk, patiently),
    direct: remote,
    hold() {
      if (state !== 'open') return;
      state = 'held';
      cut();
    },
    release() {
      if (state !== 'held') return;
      state = 'open';
      letGo();
    },
    hurry() {
      nudge.abort(NUDGED);
      nudge = new AbortController();
    },
    close() {
      state = 'closed';
      cut();
      nudge.abort(NUDGED);
      letGo();
    },
  };
}

function paused(): OnefoldError {
  return new OnefoldError('paused', 'paused');
}

function throughEach(remote: Remote, way: <T>(call: () => Promise<T>) => Promise<T>): Remote {
  return {
    head: () => way(() => remote.head()),
    entries: (after, minSeq) => way(() => remote.entries(after, minSeq)),
    skipped: (after, to) => way(() => remote.skipped(after, to)),
    snapshot: (seq, after) => way(() => remote.snapshot(seq, after)),
    announce: (request) => way(() => remote.announce(request)),
    upload: (uploadId) => way(() => remote.upload(uploadId)),
    putPack: (uploadId, packId, pack) => way(() => remote.putPack(uploadId, packId, pack)),
    commit: (request) => way(() => remote.commit(request)),
    readBlocks: (blocks) => way(() => remote.readBlocks(blocks)),
    lostBlocks: (after) => way(() => remote.lostBlocks(after)),
    versions: (node) => way(() => remote.versions(node)),
    retention: () => way(() => remote.retention()),
    setRetention: (policy) => way(() => remote.setRetention(policy)),
    purge: (node, version) => way(() => remote.purge(node, version)),
    purgedAmong: (nodes) => way(() => remote.purgedAmong(nodes)),
    usage: () => way(() => remote.usage()),
    times: (asked) => way(() => remote.times(asked)),
    subscribe: (listener) => remote.subscribe(listener),
    interrupt: () => remote.interrupt(),
    inBulk: () => throughEach(remote.inBulk(), way),
  };
}
