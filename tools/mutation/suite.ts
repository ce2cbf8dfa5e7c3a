/* As much of vitest as core's tests use, for mutation runs. What is missing here fails in the run without a mutant. */
import { format, inspect, isDeepStrictEqual } from 'node:util';

export interface KnownTest {
  readonly name: string;
  readonly body: () => unknown;
}

let known: KnownTest[] = [];
let above: string[] = [];

/** The tests that a module makes known when it is loaded. */
export async function collect(load: () => Promise<unknown>): Promise<readonly KnownTest[]> {
  known = [];
  above = [];
  await load();
  return known;
}

/** Done while the module is loaded: before its tests in any case. */
export function beforeAll(body: () => void): void {
  body();
}

/** Done at the end of the process, as its tests are run again for every mutant. */
export function afterAll(body: () => void): void {
  process.once('exit', body);
}

export function describe(name: string, body: () => void): void {
  above.push(name);
  body();
  above.pop();
}

export function test(name: string, body: () => unknown): void {
  known.push({ name: [...above, name].join(' > '), body });
}

test.each =
  (cases: readonly unknown[]) =>
  (name: string, body: (...values: unknown[]) => unknown): void =>
    cases.forEach((one, i) => {
      const values: unknown[] = Array.isArray(one) ? one : [one];
      // Without more values than the name asks for; and with a number, since the cases' names have to differ.
      const shown = format(name, ...values.slice(0, name.split('%').length - 1)).slice(0, 200);
      test(`${shown} [${i}]`, () => body(...values));
    });

export const it = test;

class Containing {
  readonly part: object;

  constructor(part: object) {
    this.part = part;
  }
}

/** Undefined is as good as absent. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [plain(key), plain(one)]));
  if (value instanceof Set) return new Set([...value].map(plain));
  if (value === null || typeof value !== 'object') return value;
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, plain(one)]),
  );
}

const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

function holds(value: unknown, part: unknown): boolean {
  if (part === null || typeof part !== 'object') return Object.is(value, part);
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(part) && (!Array.isArray(value) || value.length !== part.length)) return false;
  return Object.entries(part).every(([key, one]) => holds((value as Record<string, unknown>)[key], one));
}

function throws(body: unknown, wanted: unknown): boolean {
  try {
    (body as () => unknown)();
  } catch (error) {
    return wanted instanceof Containing ? holds(error, wanted.part) : wanted === undefined;
  }
  return false;
}

function contains(value: unknown, part: unknown): boolean {
  return typeof value === 'string' ? value.includes(String(part)) : [...(value as Iterable<unknown>)].includes(part);
}

type Matcher = (value: unknown, wanted: unknown) => boolean;

const MATCHERS: Readonly<Record<string, Matcher>> = {
  toBe: Object.is,
  toEqual: equal,
  toBeNull: (value) => value === null,
  toBeLessThan: (value, limit) => Number(value) < Number(limit),
  toBeLessThanOrEqual: (value, limit) => Number(value) <= Number(limit),
  toContain: contains,
  toContainEqual: (value, part) => (value as unknown[]).some((one) => equal(one, part)),
  toHaveLength: (value, length) => (value as { length: number }).length === length,
  toMatch: (value, pattern) => (pattern as RegExp).test(String(value)),
  toMatchObject: holds,
  toThrow: throws,
};

type Checks = Readonly<Record<string, (wanted?: unknown) => void>>;

export function expect(value: unknown, message = ''): { readonly not: Checks } & Checks {
  const checks = (isWanted: boolean): Checks =>
    Object.fromEntries(
      Object.entries(MATCHERS).map(([name, matches]) => [
        name,
        (wanted?: unknown) => {
          if (matches(value, wanted) === isWanted) return;
          throw new Error(`${message} ${isWanted ? '' : 'not '}${name} ${inspect(wanted)}: ${inspect(value)}`);
        },
      ]),
    );
  return { ...checks(true), not: checks(false) } as { readonly not: Checks } & Checks;
}
expect.objectContaining = (part: object): unknown => new Containing(part);
expect.fail = (message: string): never => {
  throw new Error(message);
};
