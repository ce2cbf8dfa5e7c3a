import { compressIfWorthwhile, decompress } from './compression.ts';
import { padme } from './padme.ts';

/*
 * Frame, the plaintext under the seal. Integers are big endian.
 *
 *   offset  bytes  field
 *        0      1  version = 1
 *        1      1  flags: bit 0 = payload is a zstd stream; the others are zero
 *        2      4  plainLength, 1 to 4 MiB
 *        6      4  payloadLength; equals plainLength unless compressed
 *       10      n  payload
 *   10 + n      .  zeros, up to padme(10 + n)
 */
export const FRAME_HEADER_BYTES = 10;
const FRAME_VERSION = 1;
const FLAG_ZSTD = 1;
const ZERO_PAGE = Buffer.alloc(64 * 1024);

/** What a frame will hold, decided before memory for it is taken. */
export interface FramePlan {
  readonly plainLength: number;
  readonly compressed: boolean;
  readonly payload: Uint8Array;
  readonly frameLength: number;
}

export function planFrame(plaintext: Uint8Array): FramePlan {
  const compressed = compressIfWorthwhile(plaintext);
  const payload = compressed ?? plaintext;
  return {
    plainLength: plaintext.length,
    compressed: compressed !== undefined,
    payload,
    frameLength: padme(FRAME_HEADER_BYTES + payload.length),
  };
}

/** Writes the frame over all of `target`, which has exactly `plan.frameLength` bytes. */
export function writeFrame(plan: FramePlan, target: Buffer): void {
  target[0] = FRAME_VERSION;
  target[1] = plan.compressed ? FLAG_ZSTD : 0;
  target.writeUInt32BE(plan.plainLength, 2);
  target.writeUInt32BE(plan.payload.length, 6);
  target.set(plan.payload, FRAME_HEADER_BYTES);
  target.fill(0, FRAME_HEADER_BYTES + plan.payload.length);
}

/**
 * The plaintext of a frame, or undefined if it is not exactly what writeFrame makes of `expectedLength` bytes. The result may be a view
 * into `frame`.
 */
export function readFrame(frame: Buffer, expectedLength: number): Uint8Array | undefined {
  if (frame.length < FRAME_HEADER_BYTES || frame[0] !== FRAME_VERSION) return undefined;
  const flags = frame[1];
  const plainLength = frame.readUInt32BE(2);
  const payloadLength = frame.readUInt32BE(6);
  if (plainLength !== expectedLength) return undefined;
  if (frame.length !== padme(FRAME_HEADER_BYTES + payloadLength)) return undefined;
  const payloadEnd = FRAME_HEADER_BYTES + payloadLength;
  if (!isZero(frame.subarray(payloadEnd))) return undefined;
  const payload = frame.subarray(FRAME_HEADER_BYTES, payloadEnd);
  if (flags === FLAG_ZSTD) return decompress(payload, plainLength);
  return flags === 0 && payloadLength === plainLength ? payload : undefined;
}

function isZero(bytes: Buffer): boolean {
  for (let from = 0; from < bytes.length; from += ZERO_PAGE.length) {
    const to = Math.min(bytes.length, from + ZERO_PAGE.length);
    if (bytes.compare(ZERO_PAGE, 0, to - from, from, to) !== 0) return false;
  }
  return true;
}
