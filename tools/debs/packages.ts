/** The architectures packages are made for: Debian's name to Node's. */
export const DEB_ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;
export type DebArchitecture = keyof typeof DEB_ARCHITECTURES;

export interface Deb {
  readonly name: 'onefold-daemon' | 'onefold-server';
  /** The workspace whose program it is. */
  readonly workspace: string;
  /** The command, and the file of the workspace that runs it. */
  readonly command: string;
  readonly entry: string;
  readonly synopsis: string;
  /** Lines of the longer description, each of at most 79 letters. */
  readonly description: readonly string[];
  readonly section: string;
  readonly depends: readonly string[];
  readonly conffiles: readonly string[];
  /** Pages of docs/ that lie beside it. */
  readonly docs: readonly string[];
}

/** What the bundled Node and the compiled parts link to; 2.28 is the oldest libc that Node 24 runs on. */
const RUNTIME = ['libc6 (>= 2.28)', 'libstdc++6 (>= 11)', 'libgcc-s1'];

export const DEBS: readonly Deb[] = [
  {
    name: 'onefold-daemon',
    workspace: 'apps/cli',
    command: 'onefold',
    entry: 'bin/onefold.mjs',
    synopsis: 'one folder, the same on every machine: daemon and command line',
    description: [
      'Keeps folders the same on every device of an account. What leaves this machine',
      'is encrypted on it; the server sees neither names nor contents.',
      '.',
      'This package holds the daemon without a window, its page for the browser, and',
      'the command onefold. "systemctl --user enable --now onefold" starts it with the',
      'session of a user. It brings a Node.js of its own.',
    ],
    section: 'net',
    depends: [...RUNTIME, 'ca-certificates'],
    conffiles: [],
    docs: [],
  },
  {
    name: 'onefold-server',
    workspace: 'apps/server',
    command: 'onefold-server',
    entry: 'bin/onefold-server.mjs',
    synopsis: 'server of Onefold: orders metadata, keeps sealed blocks, wakes devices',
    description: [
      'The server that devices of Onefold meet at. It sees neither names nor contents.',
      '.',
      'It starts by itself, listens at 127.0.0.1:7440 and keeps everything in',
      '/var/lib/onefold-server; /etc/onefold-server.env says otherwise. It brings a',
      'Node.js of its own.',
    ],
    section: 'net',
    depends: [...RUNTIME, 'adduser', 'ca-certificates'],
    conffiles: ['/etc/onefold-server.env'],
    docs: ['OPERATIONS.md'],
  },
];
