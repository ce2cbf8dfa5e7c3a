import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must not be readable, by a name for the report. */
export interface Secret {
  readonly name: string;
  readonly bytes: Buffer;
}

interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/**
 * All forms in which a secret could lie around: raw, hex in both cases, base64 and base64url at each of the three alignments (without the
 * characters that depend on neighbours), UTF-16 in both byte orders.
 */
export function formsOf(secret: Secret): Needle[] {
  const forms: Needle[] = [
    { what: `${secret.name} raw`, bytes: secret.bytes },
    { what: `${secret.name} hex`, bytes: Buffer.from(secret.bytes.toString('hex')) },
    { what: `${secret.name} HEX`, bytes: Buffer.from(secret.bytes.toString('hex').toUpperCase()) },
  ];
  for (let shift = 0; shift < 3; shift++) {
    const usable = secret.bytes.subarray(shift);
    const whole = usable.subarray(0, usable.length - (usable.length % 3));
    forms.push({ what: `${secret.name} base64+${shift}`, bytes: Buffer.from(whole.toString('base64')) });
    forms.push({ what: `${secret.name} base64url+${shift}`, bytes: Buffer.from(whole.toString('base64url')) });
  }
  const littleEndian = Buffer.from(secret.bytes.toString('latin1'), 'utf16le');
  forms.push({ what: `${secret.name} UTF-16LE`, bytes: littleEndian });
  forms.push({ what: `${secret.name} UTF-16BE`, bytes: Buffer.from(littleEndian).swap16() });
  return forms;
}

/** Windows of 24 bytes, one in every `stepBytes`, that hold at least 16 different byte values: unlikely to occur by chance anywhere else. */
export function contentWindows(name: string, content: Buffer, stepBytes: number): Secret[] {
  const windows: Secret[] = [];
  for (let at = 0; at + 24 <= content.length; at += stepBytes) {
    const bytes = content.subarray(at, at + 24);
    if (new Set(bytes).size >= 16) windows.push({ name: `${name}@${at}`, bytes });
  }
  return windows;
}

/** Where any form of any secret is found in the files (and their names) below the given folders. */
export function searchLeaks(folders: readonly string[], secrets: readonly Secret[]): string[] {
  const needles = secrets.flatMap(formsOf);
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const names = Buffer.from(path);
      for (const needle of needles) if (names.includes(needle.bytes)) found.push(`${needle.what} in the name ${path}`);
      if (!entry.isFile()) continue;
      const bytes = readFileSync(path);
      for (const needle of needles) if (bytes.includes(needle.bytes)) found.push(`${needle.what} in ${path}`);
    }
  }
  return found;
}
