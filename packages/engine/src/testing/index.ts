export { describeBlocks, type BlocksUnderTest } from './contracts/blocks.ts';
export { describeFileSystem, type DiskUnderTest } from './contracts/file-system.ts';
export { describeStore, type StoreUnderTest } from './contracts/store.ts';
