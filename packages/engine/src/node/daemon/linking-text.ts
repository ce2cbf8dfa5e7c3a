import { OnefoldError } from '@onefold/protocol';
import { parseLinkingWords } from '@onefold/vault';

const SCHEME = 'onefold-link:';

/** What the QR code holds: the server's address and the words. It is never fetched, only read. */
export function linkingText(server: string, words: string): string {
  return `${SCHEME}${new URLSearchParams({ server, words }).toString()}`;
}

/** Reads the text of a QR code, or eight words typed by hand, which name no server. Throws `invalid-argument`. */
export function parseLinkingText(text: string): { readonly words: string; readonly server: string | null } {
  const trimmed = text.trim();
  if (!trimmed.startsWith(SCHEME)) return { words: parseLinkingWords(trimmed), server: null };
  const fields = new URLSearchParams(trimmed.slice(SCHEME.length));
  const server = fields.get('server') ?? '';
  if (!/^https?:\/\/\S+$/.test(server)) throw new OnefoldError('invalid-argument', 'this is not the text of a link');
  return { words: parseLinkingWords(fields.get('words') ?? ''), server };
}
