import {
  addDeviceBodySchema,
  chainLinkSchema,
  chainLinkTypeSchema,
  countersignBodySchema,
  decodeCanonicalWire,
  decodeCbor,
  encodeWire,
  nameDeviceBodySchema,
  OnefoldError,
  pinNamespaceBodySchema,
  recoverBodySchema,
  revokeDeviceBodySchema,
  rootBodySchema,
  rotateBodySchema,
  toOnefoldError,
  type AddDeviceBody,
  type ChainLink,
  type CountersignBody,
  type Hash,
  type NameDeviceBody,
  type PinNamespaceBody,
  type RecoverBody,
  type RevokeDeviceBody,
  type RootBody,
  type RotateBody,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { requireFormat } from './format-version.ts';
import { linkHash } from './hashes.ts';

/** Bodies of the links this version handles. */
const BODIES = {
  root: rootBodySchema,
  'add-device': addDeviceBodySchema,
  countersign: countersignBodySchema,
  'name-device': nameDeviceBodySchema,
  'revoke-device': revokeDeviceBodySchema,
  rotate: rotateBodySchema,
  'pin-namespace': pinNamespaceBodySchema,
  recover: recoverBodySchema,
} as const;

interface Bodies {
  root: RootBody;
  'add-device': AddDeviceBody;
  countersign: CountersignBody;
  'name-device': NameDeviceBody;
  'revoke-device': RevokeDeviceBody;
  rotate: RotateBody;
  'pin-namespace': PinNamespaceBody;
  recover: RecoverBody;
}

/** A decoded link; its signatures and its place in a chain have not been checked. */
export type ParsedLink = {
  [T in keyof Bodies]: {
    readonly type: T;
    readonly user: UserId;
    readonly n: number;
    readonly prevHash: Hash;
    readonly body: Bodies[T];
    readonly hash: Hash;
    readonly raw: SignedLink;
  };
}[keyof Bodies];

/** prevHash of link 0. */
export const NO_HASH = '0'.repeat(64) as Hash;

/**
 * A link's content from its typed body, ready for `signLink`. Throws `invalid-argument` for a body outside its schema.
 */
export function chainLink<T extends keyof Bodies>(
  at: { readonly user: UserId; readonly n: number; readonly prevHash: Hash },
  type: T,
  body: Bodies[T],
): ChainLink {
  const wire = decodeCbor(encodeWire(BODIES[type], body)) as Record<string, unknown>;
  return { format: 1, ...at, type, body: wire };
}

/** Throws `chain-invalid`, or `unsupported-version` for a type or a critical field this version does not handle. */
export function parseLink(raw: SignedLink): ParsedLink {
  try {
    requireFormat(raw.link, chainLinkTypeSchema.options);
    const { type, user, n, prevHash, body } = decodeCanonicalWire(chainLinkSchema, raw.link);
    if (!(type in BODIES))
      throw new OnefoldError('unsupported-version', `chain links of type ${type} need a newer version`);
    const known = type as keyof Bodies;
    return { type: known, user, n, prevHash, body: BODIES[known].parse(body), hash: linkHash(raw), raw } as ParsedLink;
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (error.code === 'unsupported-version') throw error;
    throw new OnefoldError('chain-invalid', 'a chain link does not decode', { cause: error });
  }
}
