import {
  changesetBodySchema,
  checkpointBodySchema,
  decodeCanonicalWire,
  entryTypeSchema,
  epochBodySchema,
  genesisBodySchema,
  headerSchema,
  LIMITS,
  memberBodySchema,
  OnefoldError,
  pinBodySchema,
  toOnefoldError,
  type SignedEntry,
} from '@onefold/protocol';
import { requireFormat } from './format-version.ts';
import { entryHash, sha256 } from './hashes.ts';
import type { ParsedEntry } from './parsed-entry.ts';

/**
 * Decodes an entry and checks sizes, canonical encoding and that the body is the one the header names. Throws `journal-invalid`, or
 * `unsupported-version` for a format or type this version does not handle.
 */
export function parseEntry(entry: SignedEntry): ParsedEntry {
  if (entry.header.length + entry.body.length + entry.signature.length > LIMITS.entryBytes)
    throw invalid('entry too large');
  try {
    requireFormat(entry.header, entryTypeSchema.options);
    const header = decodeCanonicalWire(headerSchema, entry.header);
    if (sha256(entry.body) !== header.changesHash) throw invalid('the body is not the one the header names');
    const common = { hash: entryHash(entry), raw: entry };
    switch (header.type) {
      case 'genesis':
        return { type: 'genesis', header, body: decodeCanonicalWire(genesisBodySchema, entry.body), ...common };
      case 'member':
        return { type: 'member', header, body: decodeCanonicalWire(memberBodySchema, entry.body), ...common };
      case 'epoch':
        return { type: 'epoch', header, body: decodeCanonicalWire(epochBodySchema, entry.body), ...common };
      case 'pin':
        return { type: 'pin', header, body: decodeCanonicalWire(pinBodySchema, entry.body), ...common };
      case 'changeset':
        return { type: 'changeset', header, body: decodeCanonicalWire(changesetBodySchema, entry.body), ...common };
      case 'checkpoint':
        return { type: 'checkpoint', header, body: decodeCanonicalWire(checkpointBodySchema, entry.body), ...common };
      default:
        throw new OnefoldError('unsupported-version', `entries of type ${header.type} need a newer version`);
    }
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (error.code === 'unsupported-version' || error.code === 'journal-invalid') throw error;
    throw new OnefoldError('journal-invalid', 'an entry does not decode', { cause: error });
  }
}

function invalid(message: string): OnefoldError {
  return new OnefoldError('journal-invalid', message);
}
