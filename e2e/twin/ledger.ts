import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What was written, and what of it must still be somewhere.
 *
 *   written -> owed -> given up (someone overwrote or deleted exactly it, on a disk where it stood)
 */

interface Owed {
  readonly what: string;
  isOwed: boolean;
}

export class Ledger {
  readonly #contents = new Map<string, Owed>();

  written(bytes: Uint8Array, what: string): void {
    this.#contents.set(keyOf(bytes), { what, isOwed: true });
  }

  /** Those bytes were overwritten or deleted by someone who had them before them. */
  givenUp(bytes: Uint8Array): void {
    const known = this.#contents.get(keyOf(bytes));
    if (known !== undefined) known.isOwed = false;
  }

  owed(): ReadonlyMap<string, string> {
    return new Map([...this.#contents].filter(([, { isOwed }]) => isOwed).map(([key, { what }]) => [key, what]));
  }

  isKnown(key: string): boolean {
    return this.#contents.has(key);
  }

  size(): number {
    return this.#contents.size;
  }
}

export function keyOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Contents of all files below a folder: key to path. `.onefold` at the top is looked into only where asked. */
export function contentsBelow(root: string, withOwnFolder = false): Map<string, string> {
  const found = new Map<string, string>();
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const name of readdirSync(join(root, at))) {
      if (at === '' && name === '.onefold' && !withOwnFolder) continue;
      const path = at === '' ? name : `${at}/${name}`;
      const stat = lstatSync(join(root, path));
      if (stat.isDirectory()) open.push(path);
      else if (stat.isFile()) found.set(keyOf(readFileSync(join(root, path))), path);
    }
  }
  return found;
}
