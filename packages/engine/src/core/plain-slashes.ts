/** A line that matches nothing, where one is to stand for another. */
const NOTHING = '#';

/**
 * A rules file with `/` where it says `\/`, which is the same to git (wildmatch.c) but for where rules begin, end or say `**` before it, and is nothing that
 * the matcher knows. Line by line, so that lines keep their numbers.
 */
export function plainSlashes(text: string): string {
  return text.includes('\\/') ? text.replace(/[^\r\n]+/gu, plainLine) : text;
}

function plainLine(line: string): string {
  const sign = line.startsWith('!') ? '!' : '';
  const rule = line.slice(sign.length).replace(/(?<!\\)(?:\\\\)* +$/u, (end) => end.trimEnd());
  const isPath = /(?<!\\)(?:\\\\)*\\\//u.test(rule);
  if (!isPath || line.startsWith('#')) return line;
  // No path begins with a slash, and what is left of one that ends so ends in the middle of an escape.
  if (rule.startsWith('\\/') || /(?<!\\)(?:\\\\)*\\\/$/u.test(rule)) return NOTHING;
  const plain = rule.replace(
    /((?:^|\/)\*\*+)?((?<!\\)(?:\\\\)*)\\\//gu,
    (_, all: string | undefined, escaped: string) =>
      // Folders, and one at least: what an unescaped slash says is none or more.
      all === undefined ? `${escaped}/` : `${all.startsWith('/') ? '/' : ''}*/**/`,
  );
  return sign + plain;
}
