/** Raw bytes of a hex id, in a buffer of their own (a pooled view would drag its whole pool through a thread boundary). */
export function idBytes(id: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(id.length / 2);
  bytes.write(id, 'hex');
  return bytes;
}

/** Lowercase hex of bytes a column or a message holds, branded by the caller's expectation. The length was checked when it was written. */
export function idOf<T extends string>(bytes: Uint8Array): T {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') as T;
}
