import {
  chainLinkSchema,
  concatBytes,
  encodeWire,
  type ChainLink,
  type ChainSigner,
  type SignedLink,
} from '@onefold/protocol';

export const CHAIN_DOMAIN = new TextEncoder().encode('onefold/chain/v1');

/** Signs a link with each signer in order. The body is in its wire form (raw bytes for ids): see `chainLink`. */
export function signLink(
  link: ChainLink,
  signers: readonly { readonly signer: ChainSigner; readonly sign: (message: Uint8Array) => Uint8Array }[],
): SignedLink {
  const bytes = encodeWire(chainLinkSchema, link);
  const message = concatBytes(CHAIN_DOMAIN, bytes);
  return { link: bytes, signatures: signers.map(({ signer, sign }) => ({ signer, signature: sign(message) })) };
}
