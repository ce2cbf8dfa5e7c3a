import { clip, MAX_NAME_BYTES, nameBytes } from './names.ts';
import type { LocalState, Name } from './tree.ts';

/*
 * Names that the journal holds and a disk cannot. The node keeps its name; on this disk it stands under another one, which the Local tree
 * remembers (`diskName`) and nobody else ever sees.
 *
 *   name --localName(attempt 0)--> itself, where the disk holds it
 *        --localName(attempt n)--> a likeness with a tag made from the name: `CON` -> `CON~5f3a90c1`, `a:b.txt` -> `a：b~77d03e12.txt`
 *
 * The tag tells which name is meant even where the state was lost: isLocalNameOf compares. Uniqueness rests on the disk and the Local tree,
 * which are asked before a name is taken, not on the tag.
 */

/** What a volume makes of names. `windows` also for FAT and its kin under other systems. */
export interface NameRules {
  readonly system: 'linux' | 'windows' | 'mac';
  readonly isCaseSensitive: boolean;
}

/** Why a name cannot stand on a disk as it is; `case-twin`: for another one beside it. */
export type NameProblem = 'illegal' | 'reserved' | 'too-long' | 'case-twin';

/** Names tried before a person has to help. */
export const MAX_ATTEMPTS = 5;

/** Longest name of systems that count UTF-16 units: as many of these. */
const MAX_NAME_UNITS = MAX_NAME_BYTES;

/** What Windows refuses, anywhere in a name. Its own short name for `.onefold` would lead into the product's folder. */
const WINDOWS_ILLEGAL = /[<>:"\\|?*\p{Cc}]|[. ]$|^onefol~\d{1,6}(?:\.|$)/iu;
/** Devices of DOS, with whatever ending. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const WINDOWS_RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(?:\.|$)/iu;
/** Characters that turn the order of what follows: `photo\u202egpj.exe` reads as a picture where file managers go by what they show. */
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/u;
const HALF_CHARACTER = /\p{Cs}/u;
const TAG = /~[\da-f]{8}(?=[. _]|$)/u;

/** The name on this disk. */
export function diskNameOf(local: Pick<LocalState, 'name' | 'diskName'>): Name {
  return local.diskName ?? local.name;
}

/** Both names for a Local state. */
export function namedAs(name: Name, diskName: Name): Pick<LocalState, 'name' | 'diskName'> {
  return { name, diskName: diskName === name ? undefined : diskName };
}

/** Whether names that differ may be one to the volume. */
export function isFolding({ system, isCaseSensitive }: NameRules): boolean {
  return !isCaseSensitive || system === 'mac';
}

/** Equal for names that such a volume is likely to take for one: what is in question before it can be asked. */
export function foldName(name: Name, { system, isCaseSensitive }: NameRules): string {
  const form = system === 'windows' ? name : name.normalize('NFC');
  return isCaseSensitive ? form : form.toLowerCase();
}

/** Why the name by itself cannot stand on such a disk. */
export function nameProblem(name: Name, { system }: NameRules): Exclude<NameProblem, 'case-twin'> | null {
  if (system === 'linux') return nameBytes(name) > MAX_NAME_BYTES ? 'too-long' : null;
  if (HALF_CHARACTER.test(name) || BIDI_CONTROL.test(name)) return 'illegal';
  if (system === 'windows' && WINDOWS_ILLEGAL.test(name)) return 'illegal';
  if (system === 'windows' && WINDOWS_RESERVED.test(name)) return 'reserved';
  return name.length > MAX_NAME_UNITS ? 'too-long' : null;
}

/** The name under which `name` may stand on a disk: itself (attempt 0, if it can), else a likeness of it, another one for each attempt. */
export function localName(name: Name, rules: NameRules, attempt: number): Name {
  if (attempt === 0 && nameProblem(name, rules) === null) return name;
  const [stem, ending] = splitForTag(name);
  const tag = `~${tagOf(name, Math.max(1, attempt))}`;
  const isSpelled = rules.system !== 'linux';
  const measure = isSpelled ? (text: string) => text.length : nameBytes;
  const room = MAX_NAME_UNITS - tag.length;
  const last = clip(isSpelled ? spell(ending) : ending, room - 8, measure);
  const first = clip(isSpelled ? spell(stem) : stem, room - measure(last), measure);
  return (first + tag + last).replace(/[. ]$/u, '_');
}

/** Whether a name on disk has a tag: only then can it be the likeness of another name. */
export function hasTag(diskName: Name): boolean {
  return TAG.test(diskName);
}

/** Whether localName makes this name of that one. */
export function isLocalNameOf(diskName: Name, name: Name, rules: NameRules): boolean {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++)
    if (localName(name, rules, attempt) === diskName) return true;
  return false;
}

/** What has to come before the tag, and its ending. A device's name must not be all there is before the first dot. */
function splitForTag(name: Name): [string, string] {
  const device = WINDOWS_RESERVED.exec(name)?.[1];
  if (device !== undefined) return [device, name.slice(device.length)];
  const dot = name.lastIndexOf('.');
  const ending = name.slice(dot);
  return dot > 0 && /\.[^\s.]{1,16}$/u.test(ending) ? [name.slice(0, dot), ending] : [name, ''];
}

/** Characters that cannot stand there by ones that look like them. */
function spell(text: string): string {
  return text
    .replace(/[<>:"\\|?*]/gu, (character) => String.fromCodePoint(character.codePointAt(0)! + 0xfee0))
    .replace(/[\p{Cc}]/gu, (character) => pictureOf(character.codePointAt(0)!))
    .replace(/[\u202a-\u202e\u2066-\u2069\p{Cs}]/gu, '_');
}

/** Unicode has pictures of the first 32 control characters. */
function pictureOf(control: number): string {
  return control < 0x7f ? String.fromCodePoint(control + 0x2400) : '_';
}

/** 32 bits of FNV-1a (Fowler, Noll, Vo) over the code units. */
function tagOf(name: Name, attempt: number): string {
  let hash = 0x811c9dc5 ^ attempt;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
