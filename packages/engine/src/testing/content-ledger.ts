/*
 * What users wrote, and what of it must not be lost. A content is *owed* from the moment it is written until someone who saw exactly it
 * overwrites or deletes it. Contents are unique by construction; a copy of a known one adds no debt.
 *
 *   owed -> given up (a user overwrote or deleted exactly it)
 */
import { hash } from 'node:crypto';
import type { ContentId } from '@onefold/protocol';
import { contentIdOfBytes } from './memory-blocks.ts';
import { createSeededRandom } from './seeded-random.ts';

export type ContentKey = string;

/** Bytes are never changed in place: whoever writes puts others in their stead. */
const keys = new WeakMap<Uint8Array, ContentKey>();

export function keyOfBytes(bytes: Uint8Array): ContentKey {
  const known = keys.get(bytes);
  if (known !== undefined) return known;
  const key = hash('sha1', bytes, 'hex');
  keys.set(bytes, key);
  return key;
}

export function keyOfTarget(target: string): ContentKey {
  return `-> ${target}`;
}

export interface OwedContent {
  readonly key: ContentKey;
  /** Null for link targets. */
  readonly contentId: ContentId | null;
  readonly what: string;
  isOwed: boolean;
  /** Kept, but in no folder: it was written to a file that is in the trash. */
  isAside: boolean;
  /** How many files may hold it: those at the last rest, and what users' acts since then may have made of them. */
  copies: number;
}

export class ContentLedger {
  readonly #contents = new Map<ContentKey, OwedContent>();

  writtenBytes(bytes: Uint8Array, what: string, isOwed = true): void {
    this.#written(keyOfBytes(bytes), () => contentIdOfBytes(bytes), what, isOwed);
  }

  writtenTarget(target: string, what: string): void {
    this.#written(keyOfTarget(target), () => null, what, true);
  }

  #written(key: ContentKey, contentId: () => ContentId | null, what: string, isOwed: boolean): void {
    const known = this.#contents.get(key);
    if (known === undefined)
      this.#contents.set(key, { key, contentId: contentId(), what, isOwed, isAside: false, copies: 1 });
    else known.copies++;
  }

  /** One more file may come to hold it than users made themselves. */
  mayDouble(key: ContentKey): void {
    const known = this.#contents.get(key);
    if (known !== undefined) known.copies++;
  }

  /** At rest nothing is under way any more that could make another copy of a content. */
  rest(standing: (key: ContentKey) => number): void {
    for (const known of this.#contents.values()) known.copies = standing(known.key);
  }

  keptAside(key: ContentKey): void {
    const known = this.#contents.get(key);
    if (known !== undefined) known.isAside = true;
  }

  givenUp(key: ContentKey): void {
    const known = this.#contents.get(key);
    if (known !== undefined) known.isOwed = false;
  }

  get(key: ContentKey): OwedContent | undefined {
    return this.#contents.get(key);
  }

  all(): readonly OwedContent[] {
    return [...this.#contents.values()];
  }

  owed(): readonly OwedContent[] {
    return [...this.#contents.values()].filter(({ isOwed }) => isOwed);
  }
}

/** Of the content versions made lately: a seed is run twice. */
const made = new Map<string, Uint8Array>();
const MOST_MADE = 1_000;

/** Bytes of a content version: a readable head, then noise that depends on the number alone. */
export function contentBytes(content: number, size: number): Uint8Array {
  const version = `${content} ${size}`;
  let bytes = made.get(version);
  if (bytes !== undefined) return bytes;
  if (made.size >= MOST_MADE) made.clear();
  made.set(version, (bytes = makeContent(content, size)));
  return bytes;
}

function makeContent(content: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const random = createSeededRandom(`content ${content}`);
  for (let i = 0; i < size; i++) bytes[i] = random.int(256);
  const head = new TextEncoder().encode(`<${content}>`);
  bytes.set(head.subarray(0, size));
  return bytes;
}

/** `bytes` with a piece of a content version put in, in the middle or at the end. */
export function editedBytes(bytes: Uint8Array, content: number, where: 'middle' | 'end'): Uint8Array {
  const piece = contentBytes(content, 40);
  const at = where === 'end' ? bytes.length : Math.floor(bytes.length / 2);
  const edited = new Uint8Array(bytes.length + piece.length);
  edited.set(bytes.subarray(0, at));
  edited.set(piece, at);
  edited.set(bytes.subarray(at), at + piece.length);
  return edited;
}
