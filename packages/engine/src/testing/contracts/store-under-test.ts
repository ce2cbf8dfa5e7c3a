import type { BlockId, ContentId, CtHash, DeviceId, Hash, NameTag, NodeId } from '@onefold/protocol';
import type { BlockReference, FileStat, LocalState, NodeRow, RemoteState, SyncedState } from '../../core/tree.ts';
import type { Cursor, Store } from '../../ports.ts';

/** A store's own file (or memory) that outlives the store. */
export interface StoreUnderTest {
  open(): Promise<Store>;
  close(): Promise<void>;
}

/** Opens a fresh, empty store for each body. */
export function onStores(create: () => Promise<StoreUnderTest>) {
  return async function withStore(body: (store: Store, reopen: () => Promise<Store>) => Promise<void>): Promise<void> {
    const subject = await create();
    let store = await subject.open();
    try {
      await body(store, async () => {
        await store.close();
        return (store = await subject.open());
      });
    } finally {
      await store.close();
      await subject.close();
    }
  };
}

export const hex = (byte: string, bytes: number) => byte.repeat(bytes);
export const node = (byte: string) => hex(byte, 16) as NodeId;
export const contentId = (byte: string) => hex(byte, 32) as ContentId;
export const blockId = (byte: string) => hex(byte, 32) as BlockId;
export const hash = (byte: string) => hex(byte, 32) as Hash;
export const tag = (byte: string) => hex(byte, 32) as NameTag;
export const DEVICE = hex('dd', 16) as DeviceId;
/** Beyond what a double and a signed 64-bit integer hold: inode and device numbers of some file systems. */
export const LARGE = 2n ** 63n + 12_345_678_901n;

export const reference = (byte: string): BlockReference => ({
  epoch: 0,
  blockId: blockId(byte),
  ctHash: hex(byte, 32) as CtHash,
  ctLength: 300,
  plainLength: 200,
});

export const stat = (inode: bigint, kind: FileStat['kind'] = 'file'): FileStat => ({
  kind,
  sizeBytes: 5,
  mtimeNs: 1_767_225_600_123_456_789n,
  ctimeNs: 1_767_225_600_123_456_790n,
  birthtimeNs: 0n,
  inode,
  device: LARGE,
  linkCount: 1,
  mode: 0o644,
});

export const content = (byte: string) => ({ kind: 'file', contentId: contentId(byte), sizeBytes: 5 }) as const;

export const local = (parent: NodeId, name: string, inode: bigint, byte: string | null): LocalState => ({
  kind: 'file',
  parent,
  name,
  stat: stat(inode),
  content: byte === null ? null : content(byte),
});

export const remote = (parent: NodeId, name: string, byte: string, lastSeq: number, hidden = false): RemoteState => ({
  kind: 'file',
  parent,
  nameTag: tag(byte),
  name,
  hidden,
  hiddenAbove: false,
  unticked: false,
  placeVersion: 1,
  contentVersion: 1,
  attributesVersion: 1,
  lastSeq,
  author: DEVICE,
  content: content(byte),
  attributes: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  quarantined: false,
});

export const synced = (parent: NodeId, name: string, byte: string): SyncedState => ({
  kind: 'file',
  parent,
  name,
  content: content(byte),
  attributes: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  shown: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  placeVersion: 1,
  contentVersion: 1,
  attributesVersion: 1,
});

export const cursor: Cursor = {
  remoteSeq: 7,
  remoteHash: hash('07'),
  recoveryEpoch: 0,
  epoch: 0,
  deviceSeq: 3,
  ownSeq: 5,
};

export const row = (id: NodeId, parts: Partial<NodeRow>): NodeRow => ({
  node: id,
  local: null,
  remote: null,
  synced: null,
  ...parts,
});
