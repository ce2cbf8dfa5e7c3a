/**
 * The path of an old version that is put beside its file: the moment stands before the extension, in a form every disk takes.
 * `atMs` is shown in the time zone of this machine.
 */
export function besidePath(path: string, atMs: number): string {
  const slash = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  // A name that begins with its only dot has no extension.
  const end = dot > slash ? dot : path.length;
  return `${path.slice(0, end)} (${stamp(new Date(atMs))})${path.slice(end)}`;
}

function stamp(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`;
}
