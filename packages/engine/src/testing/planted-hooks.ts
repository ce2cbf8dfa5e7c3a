/*
 * Engines with a bug in their sources, beside the sound one in the same process: a module asked for with `?planted=NUMBER` is loaded anew, with
 * all of the engine's core and sync that it needs, and with the patches of that bug. What judges a world is never among them.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { EngineFactory } from './engine-seam.ts';
import { PLANTED_BUGS } from './planted.ts';
import type { Patch } from './planted-bug.ts';

const SOURCES = new URL('../', import.meta.url).href;
const PLANTED = /^(?<file>(?:core|sync|testing)\/[\w/-]+\.ts)\?planted=(?<number>\d+)$/u;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const parent = plantedOf(context.parentURL ?? '');
    const isOurs = resolved.url.startsWith(`${SOURCES}core/`) || resolved.url.startsWith(`${SOURCES}sync/`);
    return parent === null || !isOurs ? resolved : { ...resolved, url: `${resolved.url}?planted=${parent.number}` };
  },
  load(url, context, next) {
    const planted = plantedOf(url);
    if (planted === null) return next(url, context);
    const patches = PLANTED_BUGS[planted.number]!.patches!.filter(({ file }) => file === planted.file);
    const source = readFileSync(fileURLToPath(SOURCES + planted.file), 'utf8');
    return { format: 'module-typescript', source: patches.reduce(patched, source), shortCircuit: true };
  },
});

function plantedOf(url: string): { readonly file: string; readonly number: number } | null {
  const groups = url.startsWith(SOURCES) ? PLANTED.exec(url.slice(SOURCES.length))?.groups : undefined;
  return groups === undefined ? null : { file: groups['file']!, number: Number(groups['number']) };
}

function patched(source: string, { file, from, to }: Patch): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times what a planted bug changes: ${from}`);
  return parts.join(to);
}

/** The engine with the patches of a bug. */
export async function createPlantedEngine(number: number): Promise<EngineFactory> {
  const loaded = (await import(new URL(`sim-engine.ts?planted=${number}`, import.meta.url).href)) as {
    readonly createSimEngine: EngineFactory;
  };
  return loaded.createSimEngine;
}
