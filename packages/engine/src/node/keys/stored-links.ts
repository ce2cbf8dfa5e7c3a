import { z } from 'zod';
import { decodeWire, encodeWire, signedLinkSchema, type SignedLink } from '@onefold/protocol';

const linksSchema = z.object({ format: z.literal(1), links: z.array(signedLinkSchema) });

/** Links as they came, verbatim: whoever reads them back verifies them again. */
export function encodeLinks(links: readonly SignedLink[]): Uint8Array {
  return encodeWire(linksSchema, { format: 1, links: [...links] });
}

/** Throws `state-corrupt`. */
export function decodeLinks(bytes: Uint8Array): SignedLink[] {
  return decodeWire(linksSchema, bytes, 'state-corrupt').links;
}
