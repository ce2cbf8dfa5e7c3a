import { parentPort, Worker } from 'node:worker_threads';
import { fromReport, OnefoldError, toOnefoldError } from '@onefold/protocol/plain';
import { collectWhenQuiet } from './machine/collect-when-quiet.ts';

/*
 * Typed calls into a worker thread. Calls made within one turn of the event loop travel as one message, and so do answers that become
 * ready within a few milliseconds: a message costs far more than the work it carries.
 */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the parameters of a table are known only where it is used
export type CallTable = { readonly [name: string]: (...args: any[]) => unknown };

export type Call<T extends CallTable> = <K extends keyof T & string>(
  name: K,
  ...args: Parameters<T[K]>
) => Promise<Awaited<ReturnType<T[K]>> extends Transferring<infer V> ? V : Awaited<ReturnType<T[K]>>>;

export interface WorkerCalls<T extends CallTable> {
  readonly call: Call<T>;
  /** Moves `buffers` into the worker with the next message: they are gone on this side. */
  readonly transfer: (buffers: readonly ArrayBuffer[]) => void;
  /** Resolves when the thread has ended, whyever. */
  readonly ended: Promise<void>;
  /** Waits for calls under way, runs the worker's `close`, ends it. Later calls reject. */
  readonly close: () => Promise<void>;
}

/** A result whose buffers move to the caller instead of being copied. */
export interface Transferring<V> {
  readonly transferring: readonly ArrayBuffer[];
  readonly value: V;
}

type Request = readonly [id: number, name: string, args: readonly unknown[]];
type Answer = readonly [id: number, failed: 0 | 1, value: unknown];

const CLOSE = '$close';
const ANSWER_SLICE_MS = 4;

interface Pending {
  resolve(value: unknown): void;
  reject(error: OnefoldError): void;
}

/** Starts `entry`, which must call serveCalls. The thread keeps the process alive only while a call is under way. */
export function startWorkerCalls<T extends CallTable>(entry: URL, workerData: unknown): WorkerCalls<T> {
  const worker = new Worker(entry, { workerData });
  worker.unref();
  const pending = new Map<number, Pending>();
  let queued: Request[] = [];
  let moving: ArrayBuffer[] = [];
  let nextId = 1;
  let ended: OnefoldError | undefined;
  const gone = Promise.withResolvers<undefined>();

  worker.on('message', (answers: readonly Answer[]) => {
    for (const [id, failed, value] of answers) {
      const waiting = pending.get(id);
      if (waiting === undefined) continue;
      pending.delete(id);
      if (failed === 0) waiting.resolve(value);
      else waiting.reject(reviveError(value));
    }
    if (pending.size === 0) worker.unref();
  });
  worker.on('error', (error) => fail(toOnefoldError(error)));
  worker.on('messageerror', (error) => fail(toOnefoldError(error)));
  worker.on('exit', () => fail(new OnefoldError('internal', 'a worker thread has ended')));

  function fail(error: OnefoldError): void {
    ended ??= error;
    gone.resolve(undefined);
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
    worker.unref();
  }

  function send(): void {
    const batch = queued;
    const transfer = moving;
    queued = [];
    moving = [];
    if (ended === undefined) worker.postMessage(batch, transfer);
  }

  function request(name: string, ...args: readonly unknown[]): Promise<unknown> {
    if (ended !== undefined) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      const id = nextId++;
      if (pending.size === 0) worker.ref();
      pending.set(id, { resolve, reject });
      if (queued.push([id, name, args]) === 1) queueMicrotask(send);
    });
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    if (ended === undefined) await request(CLOSE).catch(() => undefined);
    fail(new OnefoldError('internal', 'closed'));
    await worker.terminate();
  }

  return {
    call: request as unknown as Call<T>,
    transfer: (buffers) => moving.push(...buffers),
    ended: gone.promise,
    close: () => (closing ??= close()),
  };
}

/**
 * Inside a worker: answers calls with `handlers`, in order as far as they are synchronous. `close` runs before the thread ends, `shrink` when
 * it has come to rest and what it keeps only for speed should go.
 */
export function serveCalls(
  handlers: CallTable,
  close: () => void | Promise<void> = () => undefined,
  shrink: () => void = () => undefined,
): void {
  const port = parentPort;
  if (port === null) throw new OnefoldError('internal', 'not inside a worker thread');
  let answers: Answer[] = [];
  let buffers: ArrayBuffer[] = [];
  let isPosting = false;
  collectWhenQuiet(shrink);
  const table: CallTable = { ...handlers, [CLOSE]: close };

  function post(): void {
    isPosting = false;
    if (answers.length === 0) return;
    const batch = answers;
    const transfer = buffers;
    answers = [];
    buffers = [];
    port?.postMessage(batch, transfer);
  }

  function answer(id: number, value: unknown): void {
    if (isTransferring(value)) {
      buffers.push(...value.transferring);
      answers.push([id, 0, value.value]);
    } else answers.push([id, 0, value]);
  }

  function answerLater(id: number, promise: Promise<unknown>): void {
    promise
      .then((value) => answer(id, value))
      .catch((error: unknown) => void answers.push([id, 1, flattenError(error)]))
      .finally(() => {
        if (!isPosting) queueMicrotask(post);
        isPosting = true;
      });
  }

  port.on('message', (requests: readonly Request[]) => {
    let sliceStart = performance.now();
    for (const [id, name, args] of requests) {
      try {
        const handler = table[name];
        if (handler === undefined) throw new OnefoldError('internal', `no such call: ${name}`);
        const result: unknown = handler(...args);
        if (result instanceof Promise) answerLater(id, result);
        else answer(id, result);
      } catch (error) {
        answers.push([id, 1, flattenError(error)]);
      }
      if (performance.now() - sliceStart > ANSWER_SLICE_MS) {
        post();
        sliceStart = performance.now();
      }
    }
    post();
  });
}

function isTransferring(value: unknown): value is Transferring<unknown> {
  return typeof value === 'object' && value !== null && 'transferring' in value;
}

function flattenError(thrown: unknown): unknown {
  const error = toOnefoldError(thrown);
  return { code: error.code, message: error.message, details: error.details };
}

function reviveError(value: unknown): OnefoldError {
  const { code, message, details } = value as { code: string; message: string; details: Record<string, unknown> };
  const plain = fromReport({ code, message });
  return new OnefoldError(plain.code, message, { details });
}
