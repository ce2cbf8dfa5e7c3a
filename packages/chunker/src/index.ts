export { computeBlockId, type BlockContext } from './block-keys.ts';
export { MAX_BLOCK_BYTES } from './block-limits.ts';
export { openBlock, type BlockReference } from './open-block.ts';
export { padme } from './padme.ts';
export { sealBlock, type SealedBlock, type SealOptions } from './seal-block.ts';
export { deriveSplitterKeys, type SplitterKeys } from './splitter-keys.ts';
export {
  cutMaskBits,
  DEFAULT_SPLITTER,
  MANIFEST_SPLITTER,
  requireSplitterParams,
  SPLITTER_VERSION,
  type SplitterParams,
} from './splitter-parameters.ts';
export { createSplitter, type Splitter } from './splitter.ts';
