import type { CtHash } from '@onefold/protocol';
import { unreadable } from '../test-uploads.ts';
import type { TestBlock } from '../test-client.ts';
import { countCaches } from './cache-counts.ts';
import { makeDevices, makeHotNodes, type Hot, type ImpatientClient } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { checkHistory } from './history.ts';
import { keepSocket, keepWaiting } from './listeners.ts';
import type { Operation, Outcome } from './operation.ts';
import { createReads } from './reads.ts';
import { readJournal } from './registers.ts';
import { createWrites, type Way } from './writes.ts';

/** How often the journal is asked for at the end: nodes may still be getting up, where there were faults. */
const TRIES = 30;
const HEALTHY_TRIES = 4;
const CHECKPOINT_EVERY_MS = 20_000;
/** So many of the clients keep a socket or a long poll open besides. */
const LISTENS_ONE_OF = 3;

export interface RunOptions {
  readonly clients: number;
  readonly hotNodes: number;
  /** Which part of the operations are commits; the others read. */
  readonly writeShare: number;
  readonly durationMs: number;
  /** Ends sooner once this many operations are done and `isEnough` says so. */
  readonly operations?: number;
  readonly isEnough?: () => boolean;
  readonly random: () => number;
  /** Begins what is to go wrong, once everything is prepared. It is stopped before the journal is read at the end. */
  readonly begin?: (load: Load) => { stop(): Promise<void> };
  readonly say?: (line: string) => void;
}

export interface Load {
  /** Commits that were sent to this node and are not answered. */
  commitsInFlight(url: string): number;
}

export interface RunResult {
  /** Calls that were made; what was announced is not among them. */
  readonly operations: number;
  /** Operations by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly entries: number;
  /** Blocks of commits that were acknowledged, by how they came; all of them are read once more at the end. */
  readonly blocks: Readonly<Record<string, number>>;
  /** Look-ups in the nodes' caches. */
  readonly caches: Readonly<Record<string, number>>;
  readonly problems: string[];
}

/** Makes an account of many devices and lets them read and write a few files through all server nodes at once; then checks everything that was answered. */
export async function runWorkload(cluster: Cluster, options: RunOptions): Promise<RunResult> {
  const { random } = options;
  const clients = await makeDevices(cluster, options.clients);
  const [first] = clients;
  if (first === undefined) throw new Error('no clients');
  const hot = await makeHotNodes(first, options.hotNodes);
  const inFlight = new Map<string, number>();
  const commitsInFlight = (url: string): number => inFlight.get(url) ?? 0;
  const caches = countCaches(cluster);
  const disturbance = options.begin?.({ commitsInFlight });
  const origin = performance.now();
  const operations: Operation[] = [];
  const [blocks, stored, checkpoints]: [CtHash[], TestBlock[], number[]] = [[], [], []];
  const ways: Record<string, number> = {};
  let calls = 0;
  const note = (operation: Operation): void => {
    operations.push(operation);
    if (operation.outcome.kind !== 'announced') calls++;
  };
  const urlOf = (): string => cluster.urls[Math.floor(random() * cluster.urls.length)] ?? '';
  const isOver = (): boolean =>
    performance.now() - origin > options.durationMs ||
    (options.operations !== undefined && calls >= options.operations && options.isEnough?.() !== false);

  const common = { random, urlOf, note };
  const { readOnce } = createReads({ ...common, hot, blocks, checkpoints, sharedToken: first.token });
  const { writeOnce, checkpoint } = createWrites({
    ...common,
    isDirect: cluster.isDirect,
    onSending: (url, change) => inFlight.set(url, commitsInFlight(url) + change),
    onStored(block: TestBlock, way: Way) {
      blocks.push(block.ctHash);
      stored.push(block);
      ways[way] = (ways[way] ?? 0) + 1;
    },
  });

  /** A checkpoint is made while nobody writes: it must speak of the entry before it. */
  let writing = 0;
  let isHolding = false;
  const quiet = async (): Promise<void> => {
    while (writing > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  async function act(client: ImpatientClient): Promise<void> {
    if (isHolding || random() >= options.writeShare) return readOnce(client);
    writing++;
    const stands = await writeOnce(client, hot[Math.floor(random() * hot.length)] as Hot);
    writing--;
    if (!stands) await readOnce(client);
  }
  async function makeCheckpoints(client: ImpatientClient): Promise<void> {
    let lastMs = origin;
    while (!isOver()) {
      if (performance.now() - lastMs < Math.min(CHECKPOINT_EVERY_MS, options.durationMs / 3)) await act(client);
      else {
        isHolding = true;
        await quiet();
        const seq = await checkpoint(client);
        isHolding = false;
        if (seq !== undefined) checkpoints.push(seq);
        lastMs = performance.now();
      }
    }
  }

  // The first one before anybody writes: a short run would end before there is a snapshot to ask for.
  const begun = await checkpoint(first);
  if (begun !== undefined) checkpoints.push(begun);
  const said = setInterval(() => options.say?.(`${calls} operations`), 10_000);
  const listening = clients
    .filter((_, i) => i % LISTENS_ONE_OF === 0)
    .map((client, i) => (i % 2 === 0 ? keepSocket : keepWaiting)(client, { ...common, isOver }));
  await Promise.all([
    makeCheckpoints(first),
    ...listening,
    ...clients.slice(1).map(async (client) => {
      while (!isOver()) await act(client);
    }),
  ]);
  clearInterval(said);
  await disturbance?.stop();
  await caches.stop();
  const { journal, isWhole } = await readJournal(options.begin === undefined ? HEALTHY_TRIES : TRIES, cluster, first);
  const lost = await unreadable(first, stored);
  const outcomes: Partial<Record<Outcome['kind'], number>> = {};
  for (const { outcome } of operations) outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
  return {
    operations: calls,
    outcomes,
    entries: journal.length,
    blocks: ways,
    caches: caches.counts,
    problems: [
      ...(isWhole ? [] : [`the journal ends at ${journal.length - 1}`]),
      ...lost.map(({ ctHash }) => `block ${ctHash} was acknowledged and is not there at the end`),
      ...checkHistory(operations, journal),
    ],
  };
}
