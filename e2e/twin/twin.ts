import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareTrees } from '../harness/compare-trees.ts';
import { startCuttingProxy, type CuttingProxy } from '../harness/cutting-proxy.ts';
import { createWorld, type Device, type World } from '../harness/world.ts';
import { createChance, type Chance } from './chance.ts';
import { contentsBelow, Ledger } from './ledger.ts';
import { createRandomUser, type RandomUser } from './random-user.ts';

/*
 * The black-box twin of the simulation: real daemons, a real server, real disks; nothing is known of their insides. Rounds of
 *
 *   chaos (people at work; kill -9, SIGSTOP, lines that are cut, silent or deaf, a dead server, a full disk) --> everything mended --> rest --> judged
 *
 * The seed decides what is done, the machine when it is seen: a run tells what to look for rather than being the same twice.
 */

export interface TwinOptions {
  readonly seed: string;
  readonly rounds: number;
  /** Ends after the round in which this is over. Milliseconds. */
  readonly limitMs: number;
  readonly actsPerRound: number;
  readonly tell: (line: string) => void;
}

export interface TwinReport {
  readonly rounds: number;
  readonly acts: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly contents: number;
  readonly hasSmallDisk: boolean;
}

interface Member {
  readonly device: Device;
  readonly user: RandomUser;
  readonly proxy: CuttingProxy;
  /** A small disk of its own, with room for what fills it beside the folder. */
  readonly filler: string | null;
  isStopped: boolean;
}

const SMALL_DISK_MIB = 48;
const REST_SECONDS = 180;
const MOST_ROUNDS_TO_REST = 30;

/** Runs until the rounds or the time are over. Throws with what was lost. */
export async function runTwin(options: TwinOptions): Promise<TwinReport> {
  const chance = createChance(options.seed);
  const ledger = new Ledger();
  const world = await createWorld();
  const mounts: string[] = [];
  const members: Member[] = [];
  const faults: Record<string, number> = {};
  let acts = 0;
  let rounds = 0;
  const beganMs = performance.now();
  try {
    await world.startServer();
    for (const name of ['ada', 'bob', 'small']) {
      const member = await addMember(world, name, mounts, chance, ledger);
      members.push(member);
      await member.device.start();
    }
    while (rounds < options.rounds && performance.now() - beganMs < options.limitMs) {
      rounds++;
      for (let i = 0; i < options.actsPerRound; i++) {
        const line =
          chance.below(8) === 0 ? await fault(world, members, chance, faults) : chance.of(members).user.act();
        options.tell(`${rounds}.${i} ${line}`);
        acts++;
        await sleep(chance.below(120));
      }
      await mend(members);
      await rest(members.map(({ device }) => device));
      await judge(members, ledger);
      options.tell(`round ${rounds}: at rest, ${ledger.owed().size} contents owed, all there`);
    }
    const hasSmallDisk = members.some(({ filler }) => filler !== null);
    return { rounds, acts, faults, contents: ledger.size(), hasSmallDisk };
  } finally {
    for (const { device, proxy } of members) {
      device.signal('SIGCONT');
      await device.kill();
      await proxy.close();
    }
    for (const mount of mounts) execFileSync('umount', ['-l', mount]);
    await world.close();
  }
}

async function addMember(
  world: World,
  name: string,
  mounts: string[],
  chance: Chance,
  ledger: Ledger,
): Promise<Member> {
  const disk = join(world.folder, `disk-${name}`);
  mkdirSync(disk);
  const isSmall = name === 'small' && mountSmall(disk, mounts);
  const folder = join(disk, 'folder');
  const beside = join(disk, 'beside');
  for (const made of [folder, beside]) mkdirSync(made);
  const proxy = await startCuttingProxy(Number(new URL(world.serverUrl).port));
  const device = await world.addDevice(name, proxy.url, folder);
  const user = createRandomUser(name, folder, beside, chance, ledger);
  return { device, user, proxy, filler: isSmall ? join(disk, 'filler') : null, isStopped: false };
}

/** False where this process may not mount. */
function mountSmall(at: string, mounts: string[]): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_MIB}m`, 'tmpfs', at], { stdio: 'ignore' });
    mounts.push(at);
    return true;
  } catch {
    return false;
  }
}

async function fault(world: World, members: Member[], chance: Chance, counts: Record<string, number>): Promise<string> {
  const member = chance.of(members);
  const { device, proxy, filler } = member;
  const what = chance.of([
    ...(['kill', 'kill', 'stop', 'server', 'fill', 'fill'] as const),
    ...(['cut', 'freeze', 'deafen', 'heal', 'heal'] as const),
  ]);
  counts[what] = (counts[what] ?? 0) + 1;
  switch (what) {
    case 'kill':
      if (device.isRunning()) await device.kill();
      else await device.start();
      member.isStopped = false;
      return `${device.isRunning() ? 'start' : 'kill'} ${device.name}`;
    case 'stop':
      device.signal(member.isStopped ? 'SIGCONT' : 'SIGSTOP');
      member.isStopped = !member.isStopped;
      return `${member.isStopped ? 'SIGSTOP' : 'SIGCONT'} ${device.name}`;
    case 'cut':
    case 'freeze':
    case 'deafen':
    case 'heal':
      proxy[what]();
      return `${what} the line of ${device.name}`;
    case 'server':
      await world.killServer();
      await world.startServer();
      return 'kill and start the server';
    case 'fill': {
      const small = members.find((one) => one.filler !== null);
      if (small?.filler == null || filler === null) return 'nothing to fill';
      if (chance.below(2) === 0) rmSync(small.filler, { force: true });
      else fill(small.filler);
      return 'fill or empty the small disk';
    }
  }
}

/** Writes until nothing more fits. */
function fill(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(SMALL_DISK_MIB * 1024 * 1024));
  } catch {
    // Full: what was wanted.
  }
}

async function mend(members: Member[]): Promise<void> {
  for (const member of members) {
    if (member.filler !== null) rmSync(member.filler, { force: true });
    member.proxy.heal();
    member.device.signal('SIGCONT');
    member.isStopped = false;
  }
  for (const { device } of members) if (!device.isRunning()) await device.start();
}

/** Rounds of `sync --wait` on every device, confirming what is held, until one round finds everything in step. */
async function rest(devices: readonly Device[]): Promise<void> {
  let last = '';
  for (let round = 0, quiet = 0; round < MOST_ROUNDS_TO_REST; round++) {
    let isQuiet = true;
    for (const device of devices) {
      const { code, stdout, stderr } = await device.syncWait(REST_SECONDS);
      if (code === 0) continue;
      isQuiet = false;
      const { attention, state } = await device.status();
      last = `${device.name}: exit ${String(code)}, ${state}, ${JSON.stringify(attention)} ${stdout}${stderr}`;
      for (const { id, code: why } of attention) if (why === 'mass-change') await device.command('confirm', id);
      await sleep(500);
    }
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet >= 2) return;
  }
  throw new Error(`does not come to rest: ${last}`);
}

async function judge(members: readonly Member[], ledger: Ledger): Promise<void> {
  const [first, ...others] = members.map(({ device }) => device.folder);
  for (const other of others) {
    const differences = await compareTrees(first!, other);
    if (differences.length > 0) throw new Error(`at rest and different:\n${differences.join('\n')}`);
  }
  const visible = contentsBelow(first!);
  const invented = [...visible].filter(([key]) => !ledger.isKnown(key));
  if (invented.length > 0) throw new Error(`nobody wrote: ${invented.map(([, path]) => path).join(', ')}`);
  const missing = [...ledger.owed()].filter(([key]) => !visible.has(key));
  if (missing.length === 0) return;
  const hidden = new Map(members.flatMap(({ device }) => [...contentsBelow(device.folder, true)]));
  const words = missing.map(
    ([key, what]) => `${what}: ${hidden.has(key) ? `only at ${hidden.get(key)}` : 'nowhere on a disk'}`,
  );
  throw new Error(`lost from sight:\n${words.join('\n')}`);
}
