/*
 * The Sealing port without secrecy: a sealed part says in clear for which register, version and epoch it was made, so that a part moved
 * elsewhere does not open. Signatures are real unless the caller hands in others.
 */
import { hash } from 'node:crypto';
import { decodeCbor, encodeCbor, type DeviceId, type NameTag, type NodeId, type UserId } from '@onefold/protocol';
import type { AttributesValue, BlockReference, Name } from '../core/tree.ts';
import type { Opened, RegisterAt, SealedContent, Sealing } from '../ports.ts';

export interface SealingIdentity {
  readonly device: DeviceId;
  readonly user: UserId;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export function createMemorySealing({ device, user, sign }: SealingIdentity): Sealing {
  return {
    device,
    user,
    sign,
    nameTag: tagOf,
    sealPlace: (at, name) => seal('place', at, nameToBytes(name)),
    openPlace: (at, sealed) => open('place', at, sealed, (value) => bytesToName(value as Uint8Array)),
    sealContent: (at, content) => seal('content', at, plainOfContent(content)),
    openContent: (at, sealed) => open('content', at, sealed, contentOfPlain),
    sealAttributes: (at, { mtimeNs, mode }) => seal('attributes', at, [mtimeNs === null ? null : `${mtimeNs}`, mode]),
    openAttributes: (at, sealed) => open('attributes', at, sealed, attributesOfPlain),
    sealLabel: (node, { name, sizeBytes }) => seal('label', labelAt(node), [nameToBytes(name), sizeBytes]),
    openLabel: (node, sealed) =>
      open('label', labelAt(node), sealed, (value) => {
        const [name, sizeBytes] = value as [Uint8Array, number];
        return { name: bytesToName(name), sizeBytes };
      }),
    encodeReferences: (references) => encodeCbor(references),
    decodeReferences: (bytes) => decodeCbor(bytes) as BlockReference[],
  };
}

/** Of the names met lately: every device asks for the same ones. */
const tags = new Map<string, NameTag>();
const MOST_TAGS = 4_000;

function tagOf(parent: NodeId, name: Name): NameTag {
  const place = `${parent}${name}`;
  let tag = tags.get(place);
  if (tag !== undefined) return tag;
  if (tags.size >= MOST_TAGS) tags.clear();
  tags.set(place, (tag = hash('sha256', Buffer.from(place, 'utf16le'), 'hex') as NameTag));
  return tag;
}

function labelAt(node: NodeId): RegisterAt {
  return { node, version: 0, epoch: 0 };
}

function seal(register: string, { node, version, epoch }: RegisterAt, plain: unknown): Uint8Array {
  return encodeCbor([register, node, version, epoch, plain]);
}

/** By the very bytes, which are never changed in place: what one device opened is opened for the others. */
const decoded = new WeakMap<Uint8Array, { readonly parts: unknown }>();

/** Undefined where it does not decode. */
function partsOf(sealed: Uint8Array): unknown {
  const known = decoded.get(sealed);
  if (known !== undefined) return known.parts;
  let parts: unknown;
  try {
    parts = decodeCbor(sealed);
  } catch {
    parts = undefined;
  }
  decoded.set(sealed, { parts });
  return parts;
}

function open<T>(register: string, at: RegisterAt, sealed: Uint8Array, read: (plain: unknown) => T): Opened<T> {
  const parts = partsOf(sealed);
  if (!Array.isArray(parts)) return { outcome: 'corrupt' };
  const [sealedRegister, node, version, epoch, plain] = parts as unknown[];
  if (sealedRegister !== register || node !== at.node || version !== at.version || epoch !== at.epoch) {
    return { outcome: 'corrupt' };
  }
  return { outcome: 'opened', value: read(plain) };
}

function plainOfContent(content: SealedContent): unknown {
  return content.kind === 'link' ? { kind: 'link', target: nameToBytes(content.target) } : content;
}

function contentOfPlain(plain: unknown): SealedContent {
  const content = plain as { kind: string; target: Uint8Array };
  if (content.kind === 'link') return { kind: 'link', target: bytesToName(content.target) };
  return plain as SealedContent;
}

function attributesOfPlain(plain: unknown): AttributesValue {
  const [mtime, mode] = plain as [string | null, number | null];
  return { mtimeNs: mtime === null ? null : BigInt(mtime), mode };
}

/** UTF-16 code units as bytes: lone surrogates, which stand for odd bytes in names, survive. */
function nameToBytes(name: Name): Uint8Array {
  return new Uint8Array(Buffer.from(name, 'utf16le'));
}

function bytesToName(bytes: Uint8Array): Name {
  return Buffer.from(bytes).toString('utf16le');
}
