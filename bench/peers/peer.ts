/** Something that keeps two folders alike, started on two empty folders. */
export interface Peer {
  readonly name: string;
  /** One line on how it was set up, for the reader of the figures. */
  readonly note: string;
  readonly left: string;
  readonly right: string;
  /** For tools that run once and end: brings `right` up to date. Absent for those that watch. */
  readonly runOnce?: () => Promise<void>;
  /** Processes whose memory and CPU count as the client's on the left. */
  readonly leftPids: readonly number[];
  /** The same on the right, where it matters. */
  readonly rightPids?: readonly number[];
  close(): Promise<void>;
}

export interface PeerKind {
  readonly name: string;
  isInstalled(): boolean;
  start(folder: string): Promise<Peer>;
}
