import { fromHex, LIMITS, OnefoldError, toHex, type ContentId } from '@onefold/protocol';
import {
  contentIdOf,
  decodeManifestReferences,
  decodeReferences,
  encodeReferences,
  MAX_MANIFEST_BLOCKS,
  type BlockReference,
} from './block-references.ts';
import { doesNotOpen } from './committed-aead.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import type { NamespaceKeys } from './namespace-keys.ts';
import { openPart, sealPart, unknownFields, type PartPosition, type UnknownFields } from './sealed-part.ts';

/** A file's manifest. `size` is exact, in bytes. */
interface FileContent extends Overlooking {
  readonly kind: 'file';
  readonly size: number;
  readonly contentId: ContentId;
  readonly unknown?: UnknownFields;
}

/**
 * Versions of this node that the server had lost when one was written over them by a device that never had them, ascending: who has one of them has what is
 * in no version since. Absent: there are none. At most LIMITS.unseenVersions, the youngest.
 */
export interface Overlooking {
  readonly unseen?: readonly number[];
}

/**
 * - A file of up to 1,024 blocks names them itself.
 * - A longer one names the sealed blocks that hold its list (`encodeReferences`); read with `decodeReferences` and this size and content id.
 * - A link: the target is verbatim bytes, may be absolute or dangling, and is never followed by what reads it.
 */
export type Content =
  | (FileContent & { readonly references: readonly BlockReference[] })
  | (FileContent & { readonly manifest: readonly BlockReference[] })
  | (Overlooking & { readonly kind: 'link'; readonly target: Uint8Array; readonly unknown?: UnknownFields });

const KNOWN_OF_FILE = ['kind', 'size', 'contentId', 'references', 'manifest', 'unseen'] as const;
const KNOWN_OF_LINK = ['kind', 'target', 'unseen'] as const;

/** Throws `invalid-argument` for content that contradicts itself or has too many references. */
export function sealContent(
  keys: NamespaceKeys,
  at: PartPosition,
  content: Content,
  random: RandomBytes = systemRandom,
): Uint8Array {
  const { unseen } = content;
  if (readUnseen(unseen, at.version) === undefined) throw invalid('unseen versions are older ones, in order');
  const fields = { ...encodeContent(content), ...(unseen === undefined ? {} : { unseen }) };
  return sealPart(keys.epoch(at.epoch).contentKey, 'content', keys.namespaceId, at, fields, random);
}

/** Throws `seal-corrupt`, also for a manifest that does not add up. */
export function openContent(keys: NamespaceKeys, at: PartPosition, sealed: Uint8Array): Content {
  const fields = openPart(keys.epoch(at.epoch).contentKey, 'content', keys.namespaceId, at, sealed);
  const unseen = readUnseen(fields['unseen'], at.version);
  const content = fields['kind'] === 'link' ? readLink(fields) : readFile(fields, at.epoch);
  if (content === undefined || unseen === undefined) throw doesNotOpen();
  return { ...content, ...unseen };
}

function encodeContent(content: Content): Record<string, unknown> {
  if (content.kind === 'link') {
    if (!isLinkTarget(content.target)) throw invalid('not a link target');
    return { ...content.unknown, kind: 'link', target: content.target };
  }
  const { size, contentId } = content;
  const common = { ...content.unknown, kind: 'file', size, contentId: fromHex(contentId) };
  if ('manifest' in content) {
    const { manifest } = content;
    if (manifest.length === 0 || manifest.length > MAX_MANIFEST_BLOCKS)
      throw invalid('a manifest has 1 to 12,000 blocks');
    return { ...common, manifest: encodeReferences(manifest) };
  }
  const list = content.references;
  if (list.length > LIMITS.inlineReferences) throw invalid('too many references for one part');
  const total = list.reduce((sum, { plainLength }) => sum + plainLength, 0);
  if (total !== size || contentIdOf(list) !== contentId) throw invalid('the references are not those of this content');
  return { ...common, references: encodeReferences(list) };
}

function readFile(fields: Record<string, unknown>, epoch: number): Content | undefined {
  const { kind, size, contentId: rawId, references, manifest } = fields;
  if (kind !== 'file' || typeof size !== 'number' || size < 0) return undefined;
  if (!(rawId instanceof Uint8Array) || rawId.length !== 32) return undefined;
  const contentId = toHex(rawId) as ContentId;
  const common = { kind: 'file', size, contentId, ...unknownFields(fields, KNOWN_OF_FILE) } as const;
  if (references instanceof Uint8Array && manifest === undefined) {
    const list = decodeReferences(references, { size, contentId, epoch });
    return list.length > LIMITS.inlineReferences ? undefined : { ...common, references: list };
  }
  if (manifest instanceof Uint8Array && references === undefined) {
    return { ...common, manifest: decodeManifestReferences(manifest, epoch) };
  }
  return undefined;
}

/** Undefined for what is no list of versions before `version`. */
function readUnseen(value: unknown, version: number): Overlooking | undefined {
  if (value === undefined) return {};
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.unseenVersions) return undefined;
  const unseen = value as readonly unknown[];
  const isInOrder = unseen.every((one, i) => {
    const before = i === 0 ? 0 : Number(unseen[i - 1]);
    return typeof one === 'number' && Number.isSafeInteger(one) && one > before && one < version;
  });
  return isInOrder ? { unseen: unseen as readonly number[] } : undefined;
}

function readLink(fields: Record<string, unknown>): Content | undefined {
  const { target } = fields;
  if (!(target instanceof Uint8Array) || !isLinkTarget(target)) return undefined;
  return { kind: 'link', target, ...unknownFields(fields, KNOWN_OF_LINK) };
}

function isLinkTarget(target: Uint8Array): boolean {
  return target.length > 0 && target.length <= LIMITS.linkBytes && !target.includes(0);
}

function invalid(message: string): OnefoldError {
  return new OnefoldError('invalid-argument', message);
}
