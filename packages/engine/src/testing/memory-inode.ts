import type { NameRules } from '../core/local-name.ts';

export type InodeKind = 'file' | 'folder' | 'link' | 'special';

export interface Entry {
  readonly name: string;
  readonly inode: Inode;
}

export interface Inode {
  /** Never reused, unlike `number`, and not on another volume of the same disk either. */
  readonly id: number;
  readonly number: bigint;
  readonly kind: InodeKind;
  readonly birthtimeNs: bigint;
  data: Uint8Array;
  target: string;
  mode: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
  linkCount: number;
  openCount: number;
  /** Folder that names this folder; null for the volume's root and for everything else. */
  parent: Inode | null;
  readonly children: Map<string, Entry>;
  readonly durableChildren: Map<string, Entry>;
  durable: { readonly data: Uint8Array; readonly mode: number; readonly mtimeNs: bigint } | null;
  dirty: boolean;
}

export interface VolumeOptions {
  readonly device: bigint;
  readonly nowNs: () => bigint;
  /** Step of the volume's own clock: times of writes are multiples of it. */
  readonly tickNs: bigint;
  /** Step of the times it can hold when they are set. */
  readonly keptNs: bigint;
  /** Its manners with names: Windows and macOS take case twins for one, macOS normal forms too; Windows refuses some names. */
  readonly names: NameRules;
  /** `ordered`: a crash keeps a prefix of the operations, any fsync flushes all before it (ext4). `strict`: only what POSIX promises. */
  readonly journal: 'ordered' | 'strict';
  readonly capacityBytes: number;
}
