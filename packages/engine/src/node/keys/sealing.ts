import { OnefoldError } from '@onefold/protocol';
import {
  contentIdOf,
  decodeReferences,
  deviceSigner,
  encodeReferences,
  nameTag,
  openAttributes,
  openContent,
  openLabel,
  openPlace,
  REFERENCE_BYTES,
  sealAttributes,
  sealContent,
  sealLabel,
  sealPlace,
  type Content,
  type DeviceSecrets,
  type NamespaceKeys,
} from '@onefold/vault';
import type { AttributesValue } from '../../core/tree.ts';
import type { Opened, SealedContent, Sealing } from '../../ports.ts';
import { decodeName, encodeName } from '../disk/name-bytes.ts';
import { unpackReferences } from '../state/packed-references.ts';

/** Permission bits that travel: setuid, setgid and sticky are stripped. */
const MODE_BITS = 0o777;
/** An epoch above any that a reference can name. */
const ANY_EPOCH = 2 ** 32;

/** The Sealing port over the vault. `keys` is asked each time, so that a new epoch is in use at once. */
export function createSealing(secrets: DeviceSecrets, keys: () => NamespaceKeys): Sealing {
  return {
    device: secrets.device,
    user: secrets.user,
    sign: deviceSigner(secrets),
    nameTag: (parent, name) => nameTag(keys(), parent, encodeName(name)),
    sealPlace: (at, name) => sealPlace(keys(), at, { name: encodeName(name) }),
    openPlace: (at, sealed) => opened(() => decodeName(openPlace(keys(), at, sealed).name)),
    sealContent: (at, content) => sealContent(keys(), at, toVault(content)),
    openContent: (at, sealed) => opened(() => fromVault(openContent(keys(), at, sealed))),
    sealAttributes: (at, attributes) =>
      sealAttributes(keys(), at, { ...presentOf(attributes), authoredAtMs: Date.now() }),
    openAttributes: (at, sealed) =>
      opened(() => {
        const { mtimeNs, mode } = openAttributes(keys(), at, sealed);
        return { mtimeNs: mtimeNs ?? null, mode: mode === undefined ? null : mode & MODE_BITS };
      }),
    sealLabel: (node, { name, sizeBytes }) => sealLabel(keys(), node, { name: encodeName(name), size: sizeBytes }),
    openLabel: (node, sealed) =>
      opened(() => {
        const { name, size } = openLabel(keys(), node, sealed);
        return { name: decodeName(name), sizeBytes: size };
      }),
    encodeReferences,
    decodeReferences(bytes) {
      if (bytes.length % REFERENCE_BYTES !== 0) throw new OnefoldError('seal-corrupt', 'a list of blocks is cut off');
      // Size and content id are checked against the content part when the file is put together; here each record must be sound.
      const records = unpackReferences(bytes);
      const size = records.reduce((sum, { plainLength }) => sum + plainLength, 0);
      return decodeReferences(bytes, { size, contentId: contentIdOf(records), epoch: ANY_EPOCH });
    },
  };
}

/** What does not open is an author's doing; anything else that goes wrong (a key not here yet) is not. */
function opened<T>(open: () => T): Opened<T> {
  try {
    return { outcome: 'opened', value: open() };
  } catch (error) {
    if (error instanceof OnefoldError && error.code === 'seal-corrupt') return { outcome: 'corrupt' };
    throw error;
  }
}

function presentOf({ mtimeNs, mode }: AttributesValue): { mtimeNs?: bigint; mode?: number } {
  return { ...(mtimeNs === null ? {} : { mtimeNs }), ...(mode === null ? {} : { mode: mode & MODE_BITS }) };
}

function toVault(content: SealedContent): Content {
  const unseen = content.unseen === undefined ? {} : { unseen: content.unseen };
  if (content.kind === 'link') return { kind: 'link', target: encodeName(content.target), ...unseen };
  const file = { kind: 'file', size: content.sizeBytes, contentId: content.contentId, ...unseen } as const;
  return content.kind === 'file'
    ? { ...file, references: content.references }
    : { ...file, manifest: content.manifest };
}

function fromVault(content: Content): SealedContent {
  const unseen = content.unseen === undefined ? {} : { unseen: content.unseen };
  if (content.kind === 'link') return { kind: 'link', target: decodeName(content.target), ...unseen };
  const { size: sizeBytes, contentId } = content;
  return 'references' in content
    ? { kind: 'file', sizeBytes, contentId, references: content.references, ...unseen }
    : { kind: 'manifest', sizeBytes, contentId, manifest: content.manifest, ...unseen };
}
