/** Units of the stem that stay in sight beside the ending, so that `Report (3).docx` and `Report (4).docx` differ when cut. */
const KEPT_TAIL_LENGTH = 4;
const LONGEST_EXTENSION = 12;

/** Cuts a name so that `stem` may be shortened and `ending` (the extension and a little before it) may not. */
export function splitName(name: string): { readonly stem: string; readonly ending: string } {
  const letters = Array.from(name);
  const dot = letters.lastIndexOf('.');
  const hasExtension = dot > 0 && letters.length - dot <= LONGEST_EXTENSION;
  const cut = Math.max(0, (hasExtension ? dot : letters.length) - KEPT_TAIL_LENGTH);
  if (letters.length <= 16 || cut === 0) return { stem: name, ending: '' };
  return { stem: letters.slice(0, cut).join(''), ending: letters.slice(cut).join('') };
}

/** @returns the last part of a path with `/` or `\`, and what comes before it without the separator */
export function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const trimmed = path.length > 1 ? path.replace(/[/\\]+$/u, '') : path;
  const at = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'));
  if (at < 0) return { parent: '', name: trimmed };
  return { parent: trimmed.slice(0, at), name: trimmed.slice(at + 1) || trimmed };
}

/** A folder's name, and all of its path where another one is called the same. */
export function distinctName(path: string, folders: readonly string[]): string {
  const { name } = splitPath(path);
  return folders.some((other) => other !== path && splitPath(other).name === name) ? path : name;
}
