import { z } from 'zod';

/** What is wrong with a configuration, a line each; a field that does not exist is told with the one that was probably meant. */
export function describeConfigError(error: z.ZodError, schema: z.ZodType): string {
  const known = fieldPaths(schema);
  return error.issues
    .flatMap((issue) => {
      const at = issue.path.join('.');
      if (issue.code !== 'unrecognized_keys') return [`${at === '' ? 'configuration' : at}: ${issue.message}`];
      return issue.keys.map((key) => {
        const path = at === '' ? key : `${at}.${key}`;
        const meant = nearest(path, known);
        return `${path}: there is no such field${meant === undefined ? '' : `; did you mean ${meant}?`}`;
      });
    })
    .join('\n');
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

function fieldsOf(schema: z.ZodType): { readonly path: string; readonly isText: boolean }[] {
  const walk = ({ properties = {} }: JsonSchema, prefix: string): { path: string; isText: boolean }[] =>
    Object.entries(properties).flatMap(([name, inner]) => [
      { path: `${prefix}${name}`, isText: inner.type === 'string' },
      ...walk(inner, `${prefix}${name}.`),
    ]);
  return walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '');
}

/** Every field, inner ones by their path with dots. */
export function fieldPaths(schema: z.ZodType): string[] {
  return fieldsOf(schema).map(({ path }) => path);
}

/** Those whose value is text, whatever it looks like. */
export function textPaths(schema: z.ZodType): ReadonlySet<string> {
  return new Set(fieldsOf(schema).flatMap(({ path, isText }) => (isText ? [path] : [])));
}

/** Variables that Kubernetes makes for a service called onefold-server. */
const SERVICE_LINK = /^ONEFOLD_SERVER_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/;

/** What is wrong with the names of the server's variables, a line each; empty when nothing is. */
export function unknownVariables(environment: NodeJS.ProcessEnv, known: readonly string[]): string {
  return Object.keys(environment)
    .filter((name) => name.startsWith('ONEFOLD_SERVER_') && !known.includes(name) && !SERVICE_LINK.test(name))
    .map((name) => {
      const meant = nearest(name, known);
      return `${name}: there is no such variable${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    })
    .join('\n');
}

/** The known name that takes the fewest edits; undefined when none is close. A name may also stand at the wrong depth. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const last = (path: string): string => path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const distance = Math.min(
      editDistance(name.toLowerCase(), candidate.toLowerCase()),
      editDistance(last(name), last(candidate)) + 0.5,
    );
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return bestDistance <= Math.max(2, name.length / 3) ? best : undefined;
}

/** Insertions, deletions and substitutions from one text to the other (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** ONEFOLD_SERVER_LIMITS_PACK_MEMORY_BYTES for limits.packMemoryBytes. */
export function environmentName(path: string): string {
  return `ONEFOLD_SERVER_${path
    .replace(/([A-Z])/g, '_$1')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}
