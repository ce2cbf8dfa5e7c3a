export { describeBlocks, type BlocksUnderTest } from './contracts/blocks.ts';
export type { DiskUnderTest } from './contracts/disk-under-test.ts';
export { describeFileSystem } from './contracts/file-system.ts';
export { describeStore } from './contracts/store.ts';
export type { StoreUnderTest } from './contracts/store-under-test.ts';
