import { createCipheriv, createSecretKey, type CipherGCM } from 'node:crypto';
import { OnefoldError } from '@onefold/protocol/plain';
import type { SplitterKeys } from './splitter-keys.ts';
import { WINDOW_BYTES } from './splitter-parameters.ts';
import { WINDOW_DIGESTS_WASM } from './window-digests-wasm.ts';

/** Windows evaluated together at most: CAPACITY of assembly/window-digests.ts. The encrypted batch is 64 KiB. */
export const BATCH_WINDOWS = 4096;

const SLOT_BYTES = 16;

/** The part of the WebAssembly interface used here; Node's type definitions do not describe it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Exports of assembly/window-digests.ts. Addresses are bytes in `memory`, which never grows, so views stay valid. */
interface WindowDigestsExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly CAPACITY: { readonly value: number };
  readonly TABLES: { readonly value: number };
  readonly INPUT: { readonly value: number };
  readonly SLOTS: { readonly value: number };
  readonly prepare: () => void;
  readonly digest: (count: number) => void;
}

/** One set of keys, loaded: tables in the memory of an instance of its own, the AES key in a cipher that is used for ever (ECB). */
interface LoadedKeys {
  readonly input: Uint8Array;
  readonly slots: Uint8Array;
  readonly digest: (count: number) => void;
  readonly cipher: Pick<CipherGCM, 'update'>;
}

let compiled: object | undefined;
const loaded = new WeakMap<SplitterKeys, LoadedKeys>();

/**
 * AES-128 of the digests of the first `count` windows of `input` (1 to BATCH_WINDOWS; `count + 63` bytes are read): four words for each
 * window, the first of which, little endian, decides about a cut at the window's end. The caller frees the result with freeNow.
 */
export function encryptedDigests(keys: SplitterKeys, input: Uint8Array, count: number): Int32Array<ArrayBuffer> {
  const { input: target, slots, digest, cipher } = loadKeys(keys);
  target.set(input.subarray(0, count + WINDOW_BYTES - 1));
  digest(count);
  const encrypted = cipher.update(slots.subarray(0, count * SLOT_BYTES));
  if (encrypted.length !== count * SLOT_BYTES) throw new OnefoldError('internal', 'AES-ECB held bytes back');
  // A fresh buffer begins at 0; a pooled one may not be aligned for words.
  const aligned = encrypted.byteOffset % 4 === 0 ? encrypted : new Uint8Array(encrypted);
  return new Int32Array(aligned.buffer, aligned.byteOffset, count * 4);
}

function loadKeys(keys: SplitterKeys): LoadedKeys {
  const known = loaded.get(keys);
  if (known !== undefined) return known;
  compiled ??= new WebAssembly.Module(Buffer.from(WINDOW_DIGESTS_WASM, 'base64'));
  const wasm = new WebAssembly.Instance(compiled).exports as WindowDigestsExports;
  if (wasm.CAPACITY.value !== BATCH_WINDOWS) throw new OnefoldError('internal', 'the wasm was built for another batch');
  const memory = wasm.memory.buffer;
  new Uint8Array(memory, wasm.TABLES.value).set(interleaveTables(keys.tables));
  wasm.prepare();
  const fresh = {
    input: new Uint8Array(memory, wasm.INPUT.value, BATCH_WINDOWS + WINDOW_BYTES - 1),
    slots: new Uint8Array(memory, wasm.SLOTS.value, BATCH_WINDOWS * SLOT_BYTES),
    digest: wasm.digest,
    cipher: createCipheriv('aes-128-ecb', createSecretKey(keys.aesKey), null).setAutoPadding(false),
  };
  loaded.set(keys, fresh);
  return fresh;
}

/** Table A then B, 8 bytes an entry, to A and B side by side, 16 bytes an entry. */
function interleaveTables(tables: Uint8Array): Uint8Array {
  const half = tables.length / 2;
  const mixed = new Uint8Array(tables.length);
  for (let at = 0; at < half; at += 8) {
    mixed.set(tables.subarray(at, at + 8), 2 * at);
    mixed.set(tables.subarray(half + at, half + at + 8), 2 * at + 8);
  }
  return mixed;
}
