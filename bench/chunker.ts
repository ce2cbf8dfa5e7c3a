// Speed of splitting, sealing and opening, beside that of their parts. node bench/chunker.ts [--write]
// Processor time of the whole process, collector included, so that a busy machine distorts little.
import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { createSplitter, DEFAULT_SPLITTER, deriveSplitterKeys, openBlock, sealBlock } from '@onefold/chunker';
import type { BlockContext } from '@onefold/chunker';
import { splitReference } from '../packages/chunker/src/reference-splitter.ts';
import { BATCH_WINDOWS, encryptedDigests } from '../packages/chunker/src/window-digests.ts';

const MIB = 1024 * 1024;
const ROUNDS = 9;

interface Measurement {
  readonly name: string;
  /** Bytes of work in one operation. */
  readonly bytes: number;
  readonly bestCpuMicroseconds: number;
  readonly medianCpuMicroseconds: number;
}

interface Job {
  readonly name: string;
  readonly bytes: number;
  readonly run: () => unknown;
}

const keys = deriveSplitterKeys(new Uint8Array(32).fill(7));
const context: BlockContext = {
  namespaceId: 'ab'.repeat(32) as BlockContext['namespaceId'],
  epoch: 1,
  blockKey: randomBytes(32),
  blockIdKey: randomBytes(32),
};
const noise = randomBytes(32 * MIB);
const program = readFileSync(process.execPath).subarray(30 * MIB, 31 * MIB);
const script = readFileSync(new URL('../node_modules/typescript/lib/typescript.js', import.meta.url)).subarray(0, MIB);
const small = script.subarray(100_000, 104_096);

function splitAll(bytes: Uint8Array): void {
  const splitter = createSplitter(keys, DEFAULT_SPLITTER);
  for (let at = 0; at < bytes.length; at += MIB) splitter.push(bytes.subarray(at, at + MIB));
  splitter.finish();
}

function blockJobs(name: string, plaintext: Uint8Array): Job[] {
  const block = sealBlock(context, plaintext);
  return [
    { name: `seal ${name}`, bytes: plaintext.length, run: () => sealBlock(context, plaintext) },
    { name: `open ${name}`, bytes: plaintext.length, run: () => openBlock(context, block, block.sealed) },
  ];
}

function zstdJobs(name: string, plaintext: Uint8Array): Job[] {
  return [1, 2, 3].flatMap((level) => {
    const params = { [constants.ZSTD_c_compressionLevel]: level };
    const compressed = zstdCompressSync(plaintext, { params, chunkSize: MIB });
    const ratio = (plaintext.length / compressed.length).toFixed(2);
    return [
      {
        name: `part: zstd level ${level}, ${name}, ratio ${ratio}`,
        bytes: plaintext.length,
        run: () => zstdCompressSync(plaintext, { params, chunkSize: MIB }),
      },
      {
        name: `part: zstd level ${level}, ${name}, decode`,
        bytes: plaintext.length,
        run: () => zstdDecompressSync(compressed, { chunkSize: plaintext.length + 1 }),
      },
    ];
  });
}

function jobs(): Job[] {
  const mebibyte = noise.subarray(0, MIB);
  const slots = Buffer.alloc(BATCH_WINDOWS * 16, 1);
  const ecb = createCipheriv('aes-128-ecb', createSecretKey(Buffer.alloc(16)), null).setAutoPadding(false);
  return [
    { name: 'split, default sizes', bytes: noise.length, run: () => splitAll(noise) },
    {
      name: 'part: positions evaluated',
      bytes: BATCH_WINDOWS,
      run: () => encryptedDigests(keys, noise, BATCH_WINDOWS),
    },
    {
      name: 'part: positions through AES-128 alone',
      bytes: BATCH_WINDOWS,
      run: () => void ecb.update(slots).buffer.transfer(0),
    },
    ...blockJobs('4 KiB of source', small),
    ...blockJobs('4 KiB of noise', noise.subarray(0, 4096)),
    ...blockJobs('1 MiB of noise', mebibyte),
    ...blockJobs('1 MiB of source', script),
    ...blockJobs('1 MiB of program', program),
    { name: 'part: SHA-256', bytes: MIB, run: () => createHash('sha256').update(mebibyte).digest() },
    {
      name: 'part: HMAC-SHA256',
      bytes: MIB,
      run: () => createHmac('sha256', context.blockKey).update(mebibyte).digest(),
    },
    {
      name: 'part: AES-256-GCM',
      bytes: MIB,
      run: () => createCipheriv('aes-256-gcm', createSecretKey(context.blockKey), Buffer.alloc(12)).update(mebibyte),
    },
    ...zstdJobs('1 MiB of source', script),
    ...zstdJobs('1 MiB of program', program),
    // Last, for the garbage it leaves.
    {
      name: 'split, scalar reference, every position',
      bytes: MIB,
      run: () => splitReference(keys, DEFAULT_SPLITTER, mebibyte),
    },
  ];
}

/** Rounds of all jobs in turn, so that a slow spell of the machine hits all alike. */
function measure(all: readonly Job[]): Measurement[] {
  const times = all.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, { bytes, run }] of all.entries()) {
      const repeats = Math.max(1, Math.min(1000, Math.floor((4 * MIB) / (bytes + 8192))));
      const before = process.cpuUsage();
      for (let n = 0; n < repeats; n++) run();
      const { user, system } = process.cpuUsage(before);
      // The first round warms up.
      if (round > 0) times[at]!.push((user + system) / repeats);
    }
  }
  return all.map(({ name, bytes }, at) => {
    const sorted = times[at]!.sort((a, b) => a - b);
    return { name, bytes, bestCpuMicroseconds: sorted[0]!, medianCpuMicroseconds: sorted[sorted.length >> 1]! };
  });
}

const measurements = measure(jobs());
for (const { name, bytes, bestCpuMicroseconds, medianCpuMicroseconds } of measurements) {
  const rates = [bestCpuMicroseconds, medianCpuMicroseconds]
    .map((time) => (bytes / time).toFixed(0).padStart(6))
    .join(' ');
  console.log(
    `${name.padEnd(52)} ${rates} MB/s  ${bestCpuMicroseconds.toFixed(1).padStart(10)} us   (best, median; best)`,
  );
}
if (process.argv.includes('--write')) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const report = { date, machine, commit, rounds: ROUNDS, measurements };
  writeFileSync(new URL(`chunker-${date}.json`, folder), `${JSON.stringify(report, null, 2)}\n`);
}
