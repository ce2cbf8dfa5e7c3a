/** A moment as YYYY-MM-DDTHH:MM:SS on this computer's clock. */
export function momentText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [String(at.getFullYear()).padStart(4, '0'), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

/** @returns null for what is no moment, as while it is being typed; else the end of that second, so that what was taken within it counts */
export function readMomentText(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?/u.test(text)) return null;
  const atMs = new Date(text).getTime();
  return Number.isNaN(atMs) || atMs < 0 ? null : Math.floor(atMs / 1000) * 1000 + 999;
}
