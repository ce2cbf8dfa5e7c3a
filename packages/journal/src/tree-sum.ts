import { createCipheriv, createHash } from 'node:crypto';
import { fromHex, type Hash } from '@onefold/protocol';

/*
 * One value for all nodes of a tree, whatever their order: the sum of a random-looking vector for each (LtHash: Bellare and Micciancio 1997; Lewi, Kim, Maykov
 * and Weis, "Securing Update Propagation with Homomorphic Hashing", 2019; 1,024 lanes of 16 bits, 200 bits of security against two trees of one sum). A node
 * that changes is taken off and added again, so that a root costs what changed since the last one, on the server in the commit's own transaction.
 */

export interface TreeSum {
  /** Number of nodes. */
  readonly count: number;
  /** 1,024 lanes of 16 bits, little endian. */
  readonly lanes: Uint8Array;
}

const LANE_BYTES = 2_048;
const ZEROS = new Uint8Array(LANE_BYTES);
const NO_IV = new Uint8Array(16);
const ROOT_DOMAIN = Buffer.from('onefold/nodes/v1', 'ascii');
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export const NO_NODES: TreeSum = { count: 0, lanes: ZEROS };

/** The sum after some leaves went and others came. A leaf is 32 bytes, as hex. */
export function changeSum(before: TreeSum, removed: readonly Hash[], added: readonly Hash[]): TreeSum {
  if (removed.length === 0 && added.length === 0) return before;
  const lanes = before.lanes.slice();
  const view = lanesOf(lanes);
  for (const leaf of removed) {
    const vector = vectorOf(leaf);
    for (let i = 0; i < view.length; i++) view[i] = view[i]! - vector[i]!;
  }
  for (const leaf of added) {
    const vector = vectorOf(leaf);
    for (let i = 0; i < view.length; i++) view[i] = view[i]! + vector[i]!;
  }
  if (!IS_LITTLE_ENDIAN) Buffer.from(lanes.buffer).swap16();
  return { count: before.count - removed.length + added.length, lanes };
}

/** What a checkpoint names. */
export function rootOf({ lanes }: TreeSum): Hash {
  return createHash('sha256').update(ROOT_DOMAIN).update(lanes).digest('hex') as Hash;
}

/** 2,048 bytes of AES-256-CTR under the leaf as key, from counter 0. */
function vectorOf(leaf: Hash): Uint16Array {
  const stream = createCipheriv('aes-256-ctr', fromHex(leaf), NO_IV).update(ZEROS);
  return lanesOf(new Uint8Array(stream));
}

/** Views the bytes as lanes; where the machine is big endian they are turned first. */
function lanesOf(bytes: Uint8Array<ArrayBuffer>): Uint16Array {
  if (!IS_LITTLE_ENDIAN) Buffer.from(bytes.buffer).swap16();
  return new Uint16Array(bytes.buffer, 0, LANE_BYTES / 2);
}
