import * as zlib from 'node:zlib';
import { freeLarge, OnefoldError } from '@onefold/protocol/plain';
import { MAX_BLOCK_BYTES } from './block-limits.ts';

const LEVEL = 1;
/** Below this a zstd frame's own overhead eats what it saves. */
const SMALLEST_TRIED_BYTES = 64;
/** From here on a sample decides whether the whole is worth a try; below, trying costs no more than sampling. */
const SAMPLED_FROM_BYTES = 128 * 1024;
const SAMPLE_PIECES = 4;
const SAMPLE_PIECE_BYTES = 8 * 1024;
/** Largest decoder window: 2^22 = MAX_BLOCK_BYTES. A frame that asks for more memory was not made by sealBlock. */
const MAX_WINDOW_LOG = Math.log2(MAX_BLOCK_BYTES);

/** The zstd frame of `plaintext`, or undefined unless it saves at least 5 %. */
export function compressIfWorthwhile(plaintext: Uint8Array): Uint8Array | undefined {
  if (plaintext.length < SMALLEST_TRIED_BYTES) return undefined;
  if (plaintext.length >= SAMPLED_FROM_BYTES && looksCompressed(plaintext)) return undefined;
  const compressed = compress(plaintext);
  if (compressed.length * 20 <= plaintext.length * 19) return compressed;
  freeLarge(compressed);
  return undefined;
}

/**
 * Decodes one payload to at most `plainLength` bytes. Returns undefined for anything that is not a zstd stream of that size,
 * including a bomb, whose output is never produced beyond the cap. Throws only when memory runs out.
 */
export function decompress(payload: Uint8Array, plainLength: number): Uint8Array | undefined {
  try {
    const plaintext = zlib.zstdDecompressSync(payload, {
      // One byte more than expected, so that a full output buffer never triggers a second one.
      chunkSize: Math.max(64, plainLength + 1),
      maxOutputLength: plainLength,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
    });
    return plaintext.length === plainLength ? plaintext : undefined;
  } catch (error) {
    if (ranOutOfMemory(error)) throw error;
    return undefined;
  }
}

/** Throws `unsupported-runtime` where node:zlib has no zstd (before Node 22.15). */
export function requireZstd(): void {
  if (typeof zlib.zstdCompressSync !== 'function') {
    throw new OnefoldError(
      'unsupported-runtime',
      'this runtime has no zstd in node:zlib; Node 22.15 or later is needed',
    );
  }
}

/** True if evenly spread samples, compressed together, save less than 2 %: media, archives, ciphertext. */
function looksCompressed(plaintext: Uint8Array): boolean {
  const sample = Buffer.allocUnsafe(SAMPLE_PIECES * SAMPLE_PIECE_BYTES);
  const stride = Math.floor((plaintext.length - SAMPLE_PIECE_BYTES) / (SAMPLE_PIECES - 1));
  for (let piece = 0; piece < SAMPLE_PIECES; piece++) {
    const from = piece * stride;
    sample.set(plaintext.subarray(from, from + SAMPLE_PIECE_BYTES), piece * SAMPLE_PIECE_BYTES);
  }
  return compress(sample).length * 50 > sample.length * 49;
}

function compress(plaintext: Uint8Array): Uint8Array {
  return zlib.zstdCompressSync(plaintext, {
    // Room for the whole result in one piece, also for incompressible input (ZSTD_compressBound stays below this).
    chunkSize: plaintext.length + (plaintext.length >>> 8) + 128,
    params: { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL },
  });
}

function ranOutOfMemory(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ZSTD_error_memory_allocation' || code === 'ERR_MEMORY_ALLOCATION_FAILED';
}
