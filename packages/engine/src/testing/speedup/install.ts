/*
 * For processes that run seeds by the thousand; import it before anything else. Two modules of the journal are replaced by ones that answer the
 * same and take less: entries are decoded once a process instead of once a device, and signatures can be faked in bulk. The product
 * knows nothing of it.
 */
import { registerHooks } from 'node:module';

const REPLACED: readonly { readonly original: string; readonly by: string }[] = [
  { original: '/packages/journal/src/ed25519.ts', by: new URL('signatures.ts', import.meta.url).href },
  { original: '/packages/journal/src/parse-entry.ts', by: new URL('decode-once.ts', import.meta.url).href },
];

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const replaced = REPLACED.find(({ original }) => resolved.url.endsWith(original));
    return replaced === undefined ? resolved : { ...resolved, url: replaced.by };
  },
});
