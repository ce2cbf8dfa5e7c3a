/* A server that refuses entries of the first device, for tests of what becomes of them. */
import { parseEntry } from '@onefold/journal';
import { OnefoldError, toHex, type CommitRequest, type ErrorCode } from '@onefold/protocol';
import type { Ports } from '../ports.ts';
import { onDevice, story } from './incident-story.ts';
import { atBottom } from './scheduler.ts';
import type { Scenario } from './scenario.ts';

/** A server that refuses, as the first device sees it. */
export interface Refusing {
  /** Whether it refuses, and with what; it does not look whether the entry stands already. */
  refuses: ((request: CommitRequest) => ErrorCode | null) | null;
  /** The answer to the next entry that is taken is lost, and sent again it is refused: so does a server that looks at an entry before it looks for it. */
  losesNext: boolean;
  /** After that refusal the connection is lost as well. */
  isAway: boolean;
  /** Not only after the refusal. */
  isAwayAfterLoss: boolean;
  refusedStanding: boolean;
  readonly losesAnswers: Set<string>;
  commits: number;
  /** What `refuses` was said of, as it was sent. */
  readonly refused: CommitRequest[];
}

export interface RefusingStory {
  readonly s: Scenario;
  readonly server: Refusing;
  /** A copy of a refused entry that was on its way for long comes to the server, which takes it. */
  takeLate(request: CommitRequest): Promise<void>;
}

/** Two devices that hold what `begin` made. */
export async function refusingStory(begin: (s: Scenario) => Promise<void>): Promise<RefusingStory> {
  const server: Refusing = {
    refuses: null,
    losesNext: false,
    isAway: false,
    isAwayAfterLoss: false,
    refusedStanding: false,
    losesAnswers: new Set(),
    commits: 0,
    refused: [],
  };
  let remote: Ports['remote'] | null = null;
  const s = await story(
    begin,
    onDevice(0, (ports) => {
      remote = ports.remote;
      return { ...ports, remote: refusing(ports.remote, server) };
    }),
  );
  return {
    s,
    server,
    async takeLate(request) {
      const answer = await atBottom(() => s.world.drive(remote!.commit(request), 60_000, 'a late copy'));
      if (answer.outcome !== 'committed') throw new Error(`the late copy was answered with ${answer.outcome}`);
    },
  };
}

function refusing(remote: Ports['remote'], server: Refusing): Ports['remote'] {
  return {
    ...remote,
    async entries(after, minSeq) {
      if (server.isAway) throw new OnefoldError('server-unreachable', 'away');
      return remote.entries(after, minSeq);
    },
    async commit(request) {
      if (server.isAway) throw new OnefoldError('server-unreachable', 'away');
      server.commits++;
      const id = toHex(request.entry.signature);
      const refusal = server.refuses?.(request) ?? null;
      if (refusal !== null) server.refused.push(request);
      const code = refusal ?? (server.losesAnswers.has(id) ? 'invalid-argument' : null);
      if (code !== null) {
        if (server.losesAnswers.has(id)) server.refusedStanding ||= server.isAway = true;
        throw new OnefoldError(code, 'refused by the story');
      }
      const answer = await remote.commit(request);
      if (server.losesAnswers.size > 0 || !server.losesNext) return answer;
      server.losesAnswers.add(id);
      server.isAway = server.isAwayAfterLoss;
      throw new OnefoldError('timed-out', 'the answer was lost');
    },
  };
}

/** Whether an entry says something of the files that stand at these paths of the first device. */
export function speaksOf(s: Scenario, ...paths: readonly string[]): (request: CommitRequest) => boolean {
  return ({ entry }) => {
    const parsed = parseEntry(entry);
    if (parsed.type !== 'changeset') return false;
    const rows = s.world.devices[0]!.store.allRows();
    const nodes = rows.filter(({ local }) => local !== null && paths.includes(local.name)).map(({ node }) => node);
    return parsed.body.changes.some(({ node }) => nodes.includes(node));
  };
}
