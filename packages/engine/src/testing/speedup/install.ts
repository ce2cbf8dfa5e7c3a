/*
 * For processes that run seeds by the thousand; import it before anything else. Some modules are replaced by ones that answer the
 * same and take less: what each device of a world would decode or hash for itself is decoded or hashed once, and signatures and sums of trees
 * can be faked in bulk. The product knows nothing of it.
 */
import { registerHooks } from 'node:module';

const REPLACED = Object.entries({
  '/packages/engine/src/sync/membership.ts': 'membership.ts',
  '/packages/journal/src/ed25519.ts': 'signatures.ts',
  '/packages/journal/src/hashes.ts': 'hashes.ts',
  '/packages/journal/src/node-leaf.ts': 'node-leaf.ts',
  '/packages/journal/src/parse-entry.ts': 'decode-once.ts',
  '/packages/journal/src/tree-sum.ts': 'tree-sum.ts',
}).map(([original, by]) => ({ original, by: new URL(by, import.meta.url).href }));

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const replaced = REPLACED.find(({ original }) => resolved.url.endsWith(original));
    return replaced === undefined ? resolved : { ...resolved, url: replaced.by };
  },
});
