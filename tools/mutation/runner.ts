/*
 * Stryker's way to run core's own tests: all of them in one process that stays, so that a mutant costs the milliseconds of its tests and not the
 * start of a test runner. `vitest` and `fast-check` are answered by suite.ts and properties.ts beside this.
 *
 *   loaded --a mutant that runs while tests do--> loaded
 *     ^    --a mutant that runs while modules load--> spoiled --the next mutant--> loaded anew
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { testsOfCore } from './core-tests.ts';
import { collect, type KnownTest } from './suite.ts';

const SUITE = new URL('./suite.ts', import.meta.url).href;
const PROPERTIES = new URL('./properties.ts', import.meta.url).href;

/** What the code that Stryker wrote into the sources reads and writes. */
interface Switchboard {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: unknown;
}

/** As much of Stryker's TestRunner as it asks for here. */
interface MutantRun {
  readonly activeMutant: { readonly id: string };
  /** Ids of the tests that reach the mutant; all of them where none are given. */
  readonly testFilter?: readonly string[];
  readonly mutantActivation: 'static' | 'runtime';
  readonly hitLimit?: number;
  readonly reloadEnvironment?: boolean;
}

type MutantResult =
  | {
      readonly status: 'killed';
      readonly killedBy: string[];
      readonly failureMessage: string;
      readonly nrOfTests: number;
    }
  | { readonly status: 'survived'; readonly nrOfTests: number }
  | { readonly status: 'timeout'; readonly reason: string };

interface LoadedTest extends KnownTest {
  readonly id: string;
  readonly file: string;
}

class InProcessRunner {
  /** Modules of the sandbox are loaded anew with each. */
  #generation = 0;
  /** Milliseconds of each test in the dry run: the quick ones go first, since the first failure ends it. */
  readonly #costs = new Map<string, number>();
  /** Null while spoiled. */
  #tests: LoadedTest[] | null = null;
  readonly #switchboard = ((globalThis as { __stryker__?: Switchboard }).__stryker__ ??= {});
  readonly #sandbox = pathToFileURL(`${process.cwd()}/`).href;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  init(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        const isOurs = context.parentURL?.startsWith(this.#sandbox) === true;
        if (isOurs && specifier === 'vitest') return { url: SUITE, shortCircuit: true };
        if (isOurs && specifier === 'fast-check') return { url: PROPERTIES, shortCircuit: true };
        const found = next(specifier, context);
        const isMutated = found.url.startsWith(this.#sandbox) && !found.url.includes('/node_modules/');
        return isMutated ? { ...found, url: `${found.url.split('?')[0]!}?${this.#generation}` } : found;
      },
    });
  }

  async dryRun(): Promise<object> {
    this.#switchboard.activeMutant = undefined;
    const tests: object[] = [];
    for (const test of await this.#load()) {
      this.#switchboard.currentTestId = test.id;
      const { failure, timeSpentMs } = run(test);
      this.#switchboard.currentTestId = undefined;
      this.#costs.set(test.id, timeSpentMs);
      const told = { id: test.id, name: test.id, fileName: test.file, timeSpentMs };
      tests.push(failure === null ? { ...told, status: 0 } : { ...told, status: 1, failureMessage: failure });
    }
    return { status: 'complete', tests, mutantCoverage: this.#switchboard.mutantCoverage };
  }

  async mutantRun(mutant: MutantRun): Promise<MutantResult> {
    const { activeMutant, mutantActivation, hitLimit } = mutant;
    const isStatic = mutantActivation === 'static';
    const switchboard = this.#switchboard;
    switchboard.hitCount = 0;
    switchboard.hitLimit = hitLimit;
    switchboard.activeMutant = isStatic ? activeMutant.id : undefined;
    try {
      const isFresh = isStatic || mutant.reloadEnvironment === true || this.#tests === null;
      const tests = isFresh ? await this.#load() : this.#tests!;
      switchboard.activeMutant = activeMutant.id;
      return this.#judge(tests, mutant);
    } catch (error) {
      // What does not even load is noticed.
      const [killedBy = ''] = this.#costs.keys();
      return { status: 'killed', killedBy: [killedBy], failureMessage: String(error), nrOfTests: 0 };
    } finally {
      if (isStatic) this.#tests = null;
      switchboard.activeMutant = undefined;
      switchboard.hitLimit = undefined;
    }
  }

  #judge(tests: readonly LoadedTest[], { testFilter, hitLimit }: MutantRun): MutantResult {
    const wanted = testFilter === undefined ? null : new Set(testFilter);
    const chosen = tests.filter(({ id }) => wanted?.has(id) !== false);
    chosen.sort((a, b) => (this.#costs.get(a.id) ?? 0) - (this.#costs.get(b.id) ?? 0));
    for (const [i, test] of chosen.entries()) {
      const { failure } = run(test);
      // A loop that its mutant keeps from ending was broken off.
      const hits = this.#switchboard.hitCount ?? 0;
      if (hitLimit !== undefined && hits > hitLimit) return { status: 'timeout', reason: `came by ${hits} times` };
      if (failure !== null) return { status: 'killed', killedBy: [test.id], failureMessage: failure, nrOfTests: i + 1 };
    }
    return { status: 'survived', nrOfTests: chosen.length };
  }

  async #load(): Promise<LoadedTest[]> {
    this.#generation++;
    const tests: LoadedTest[] = [];
    for (const file of testsOfCore(process.cwd())) {
      const url = pathToFileURL(join(process.cwd(), file)).href;
      for (const test of await collect(() => import(url))) tests.push({ ...test, file, id: `${file}#${test.name}` });
    }
    this.#tests = tests;
    return tests;
  }
}

function run({ body }: KnownTest): { failure: string | null; timeSpentMs: number } {
  const from = performance.now();
  let failure: string | null = null;
  try {
    // Core knows no promises, and so its tests need none.
    if (body() instanceof Promise) throw new Error('a test of core that is not done when it returns');
  } catch (error) {
    failure = String(error).slice(0, 400);
  }
  return { failure, timeSpentMs: performance.now() - from };
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
