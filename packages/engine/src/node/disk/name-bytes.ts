import { isUtf8 } from 'node:buffer';
import { OnefoldError } from '@onefold/protocol/plain';
import { decodeName as decodeOddName, encodeName as encodeOddName } from '../../core/names.ts';
import type { Name, RelPath } from '../../core/tree.ts';

/* The names of core, at the speed a disk scan needs: nearly every name is plain UTF-8, which the runtime checks and converts by itself. */

/** Bytes of a name or link target to text. */
export function decodeName(bytes: Uint8Array): Name {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return decodeOddName(bytes);
}

/** Text to bytes. Throws `name-illegal` for a text that decodeName cannot have made. */
export function encodeName(text: Name): Buffer {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : Buffer.from(encodeOddName(text));
}

/** Bytes of a root-relative path. Throws `name-illegal` for a component that would leave its folder or is no name. */
export function encodePath(path: RelPath): Buffer {
  if (path === '') return Buffer.alloc(0);
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
      throw new OnefoldError('name-illegal', 'a path has a component that is no name');
    }
  }
  return encodeName(path);
}
