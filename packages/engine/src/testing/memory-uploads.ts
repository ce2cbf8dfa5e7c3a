import { hash as digestOf } from 'node:crypto';
import { sha256 } from '@onefold/journal';
import {
  OnefoldError,
  readPack,
  type AnnounceUploadRequest,
  type AnnounceUploadResponse,
  type CtHash,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type OpId,
  type ServerEvent,
  type UploadId,
  type UploadResponse,
} from '@onefold/protocol';

export interface Upload {
  readonly uploadId: UploadId;
  readonly opId: OpId;
  readonly device: DeviceId;
  readonly nodes: AnnounceUploadRequest['nodes'];
  readonly pinned: Set<CtHash>;
  state: UploadResponse['state'];
  committed: { readonly seq: number; readonly hash: Hash } | null;
}

/** Blocks in memory, and the uploads that pin them until they are committed or expire. */
export class MemoryUploads {
  readonly stored = new Map<CtHash, Uint8Array>();
  readonly byId = new Map<UploadId, Upload>();
  quotaBytes = Infinity;
  readonly #namespaceId: NamespaceId;
  readonly #tell: (event: ServerEvent, except: DeviceId | null) => void;

  constructor(namespaceId: NamespaceId, tell: (event: ServerEvent, except: DeviceId | null) => void) {
    this.#namespaceId = namespaceId;
    this.#tell = tell;
  }

  heldBytes(): number {
    let sum = 0;
    for (const sealed of this.stored.values()) sum += sealed.length;
    return sum;
  }

  store(pack: Uint8Array, upload: Upload | undefined): number {
    const entries = readPack(pack);
    if (this.heldBytes() + pack.length > this.quotaBytes)
      throw new OnefoldError('quota-exceeded', 'there is no room for it');
    for (const { ctHash, offset, length } of entries) {
      const sealed = pack.slice(offset, offset + length);
      if (digestOf('sha256', sealed, 'hex') !== ctHash)
        throw new OnefoldError('pack-corrupt', 'a block is not its hash');
      this.stored.set(ctHash, sealed);
      upload?.pinned.add(ctHash);
    }
    return entries.length;
  }

  /** Its owner hears nothing of it. */
  announceState({ uploadId, device, nodes, state }: Upload): void {
    this.#tell({ event: 'uploading', namespaceId: this.#namespaceId, device, uploadId, nodes, state }, device);
  }

  ownedBy(device: DeviceId, uploadId: UploadId): Upload {
    const upload = this.byId.get(uploadId);
    if (upload?.device !== device) throw new OnefoldError('not-found', 'this device has no such upload');
    return upload;
  }

  announce(device: DeviceId, request: AnnounceUploadRequest): AnnounceUploadResponse {
    let upload = [...this.byId.values()].find((one) => one.device === device && one.opId === request.opId);
    if (upload?.state === 'expired') throw new OnefoldError('upload-expired', 'this upload has expired');
    if (upload === undefined) {
      const uploadId = sha256(new TextEncoder().encode(`${device} ${request.opId}`)).slice(0, 32) as UploadId;
      const { opId, nodes } = request;
      upload = { uploadId, opId, device, nodes, pinned: new Set(), state: 'pending', committed: null };
      this.byId.set(uploadId, upload);
      this.announceState(upload);
    }
    const missing = request.reused.filter((ctHash) => !this.stored.has(ctHash));
    for (const ctHash of request.reused) if (this.stored.has(ctHash)) upload.pinned.add(ctHash);
    return { uploadId: upload.uploadId, missing: [...new Set(missing)] };
  }

  expireAll(): void {
    for (const upload of this.byId.values()) {
      if (upload.state === 'committed' || upload.state === 'expired') continue;
      upload.state = 'expired';
      this.announceState(upload);
    }
  }
}
