/**
 * Gives the memory of a buffer back at once instead of at some later collection, so that the next one reuses warm memory and a process
 * that moves gigabytes stays small. For buffers that nothing else looks at: the view and all others of its buffer become empty. Does
 * nothing to a view of a part of a buffer, which may be a pool's.
 */
export function freeNow(view: Uint8Array | Int32Array): void {
  if (view.byteLength === view.buffer.byteLength) letGo(view.buffer);
}

/** Below this a buffer of Node's may be a pool that others have parts of. */
const LEAST_OWN_BYTES = 128 * 1024;

/** As freeNow, for a large view of a buffer that is nobody else's though it is a little longer: what zlib returns. */
export function freeWhole(view: Uint8Array): void {
  if (view.buffer.byteLength >= LEAST_OWN_BYTES) letGo(view.buffer);
}

function letGo(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0);
}
