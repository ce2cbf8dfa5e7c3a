import type { ParsedEntry } from '@onefold/journal';
import type { SignedEntry } from '@onefold/protocol';

type Parse = (entry: SignedEntry) => ParsedEntry;

// The query keeps the hook of install.ts from answering with this very module.
const original = new URL('../../../../journal/src/parse-entry.ts?original', import.meta.url).href;
const { parseEntry: parse } = (await import(original)) as { readonly parseEntry: Parse };

interface Known extends SignedEntry {
  readonly parsed: ParsedEntry;
}

/** By the very bytes of the header: model server and network hand the same ones to every device. */
const known = new WeakMap<Uint8Array, Known>();
/** By what the bytes say: a seed is run twice, and says the same again. */
const said = new Map<string, Known>();
/** Far more than one run needs. */
const MOST_SAID = 1_000;

/** As the journal's own. Entries that were decoded before are not decoded again. */
export const parseEntry: Parse = (entry) => {
  const { header, body, signature } = entry;
  const before = known.get(header);
  if (before !== undefined && before.body === body && before.signature === signature) return before.parsed;
  const key = textOf(header) + textOf(signature);
  const alike = said.get(key);
  const isSame = alike !== undefined && Buffer.compare(alike.body, body) === 0;
  // Of what else comes along with it here, its place in a journal, nothing is kept.
  const parsed = isSame ? alike.parsed : parse({ header, body, signature });
  const now = { header, body, signature, parsed };
  known.set(header, now);
  if (said.size >= MOST_SAID) said.clear();
  if (!isSame) said.set(key, now);
  return parsed;
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
