import { once } from './once.ts';

type Leaves = Pick<
  typeof import('@onefold/journal'),
  'digestsOf' | 'leafOf' | 'placeDigest' | 'registerDigest' | 'rowsAfter'
>;

// The query keeps the hook of install.ts from answering with this very module.
const original = new URL('../../../../journal/src/node-leaf.ts?original', import.meta.url).href;
const real = (await import(original)) as Leaves;

/*
 * As the journal's own, each made once: every device of a world, and its server, asks for the same ones.
 */

export const { rowsAfter } = real;

/** Far more than one world needs at a time. */
const MOST_KNOWN = 4_000;

const placeOnce = once<ReturnType<Leaves['placeDigest']>>(MOST_KNOWN);
const registerOnce = once<ReturnType<Leaves['registerDigest']>>(MOST_KNOWN);
const leafOnce = once<ReturnType<Leaves['leafOf']>>(MOST_KNOWN);

export const placeDigest: Leaves['placeDigest'] = (write) => {
  const { node, version, seq, epoch, device, sealedHash, kind, parent, nameTag, hidden } = write;
  return placeOnce(
    `${node} ${version} ${seq} ${epoch} ${device} ${sealedHash} ${kind} ${parent} ${nameTag} ${hidden}`,
    () => real.placeDigest(write),
  );
};

export const registerDigest: Leaves['registerDigest'] = (register, write) => {
  const { node, version, seq, epoch, device, sealedHash } = write;
  return registerOnce(`${register} ${node} ${version} ${seq} ${epoch} ${device} ${sealedHash}`, () =>
    real.registerDigest(register, write),
  );
};

export const leafOf: Leaves['leafOf'] = (digests) =>
  leafOnce(`${digests.place} ${digests.content} ${digests.attributes}`, () => real.leafOf(digests));

/** By the very row: rows are replaced, and never changed in place. */
const digestsKnown = new WeakMap<Parameters<Leaves['digestsOf']>[0], ReturnType<Leaves['digestsOf']>>();

export const digestsOf: Leaves['digestsOf'] = (row) => {
  let digests = digestsKnown.get(row);
  if (digests === undefined) digestsKnown.set(row, (digests = real.digestsOf(row)));
  return digests;
};
