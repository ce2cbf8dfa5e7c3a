/** Most bytes of plaintext in one block, for any splitter: 4 MiB. A part of the format. */
export const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
