/** What every disk takes for a name, in bytes of UTF-8. */
const LONGEST_NAME_BYTES = 255;
/** What is longer behind the last dot is no extension. */
const LONGEST_EXTENSION = 16;
const encoder = new TextEncoder();

/**
 * The path of an old version that is put beside its file: the moment stands before the extension, in a form every disk takes; a long name is
 * shortened to make room for it. `atMs` is shown in the time zone of this machine.
 */
export function besidePath(path: string, atMs: number): string {
  const slash = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  // A name that begins with its only dot has no extension.
  const end = dot > slash && path.length - dot <= LONGEST_EXTENSION ? dot : path.length;
  const ending = ` (${stamp(new Date(atMs))})${path.slice(end)}`;
  const room = LONGEST_NAME_BYTES - bytesOf(ending);
  return `${path.slice(0, slash)}${beginningOf(path.slice(slash, end), room)}${ending}`;
}

function beginningOf(stem: string, mostBytes: number): string {
  if (bytesOf(stem) <= mostBytes) return stem;
  const letters = Array.from(stem);
  while (bytesOf(letters.join('')) > mostBytes) letters.pop();
  return letters.join('').trimEnd();
}

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

function stamp(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`;
}
