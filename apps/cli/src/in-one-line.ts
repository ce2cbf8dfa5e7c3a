/** What would end a line, move the cursor or turn the order of writing: control characters, line separators, marks for the direction of text. */
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

/**
 * A text as one line of a terminal: names come from other devices, and may hold anything but `/`. What is not to be shown stands there as it is
 * escaped in JSON.
 */
export function inOneLine(text: string): string {
  return text.replace(
    UNSHOWABLE,
    (letter) => SHORT[letter] ?? String.raw`\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
