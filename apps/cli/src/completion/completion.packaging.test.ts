import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manualPage } from '../man-page.ts';
import { buildProgram } from '../program.ts';
import { tableOf } from '../shape/command-table.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/* The scripts in the shells they are for: what each offers at a line that is typed half. */

const table = tableOf(buildProgram());
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'onefold-shells-'));
  writeFileSync(join(scratch, 'onefold.bash'), bashCompletion(table));
  writeFileSync(join(scratch, '_onefold'), zshCompletion(table));
  writeFileSync(join(scratch, 'onefold.fish'), fishCompletion(table));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(shell: string, args: readonly string[], script: string): string {
  return execFileSync(shell, [...args, script], {
    encoding: 'utf8',
    cwd: scratch,
    env: { ...process.env, HOME: scratch, TERM: 'xterm' },
  });
}

function inBash(line: string): string[] {
  const script = `source onefold.bash; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _onefold; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c'], script).split('\n');
}

function inFish(line: string): string[] {
  const answer = run('fish', ['--no-config', '-c'], `source onefold.fish; complete -C '${line}'`);
  return answer.split('\n').map((offer) => offer.split('\t')[0]!);
}

/** The builtins that offer are taken over: what they are given is what zsh would show. */
function inZsh(line: string): string[] {
  const script = `
    autoload -U compinit; compinit -D -u; source ./_onefold
    _describe() { local name=$@[-1]; print -l -- \${(P)name}; }
    _arguments() { print -l -- "$@"; }
    words=(${line.replace(/ $/, " ''")}); CURRENT=$#words; _onefold`;
  return run('zsh', ['-f', '-c'], script)
    .split('\n')
    .map((offer) => offer.split(/[:[]/)[0]!);
}

describe.each([
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
])('completion in %s', (_shell, offers) => {
  test('offers the commands, and those below one', () => {
    expect(offers('onefold ')).toEqual(expect.arrayContaining(['status', 'devices', 'doctor', 'completion']));
    expect(offers('onefold devices ')).toEqual(expect.arrayContaining(['rename', 'revoke', 'verify']));
    expect(offers('onefold devices ')).not.toContain('status');
  });

  test('offers the options of the command that is typed, and no other', () => {
    expect(offers('onefold status --')).toEqual(expect.arrayContaining(['--watch', '--json', '--home']));
    expect(offers('onefold status --')).not.toContain('--kit');
  });

  test('keeps no hidden command in sight', () => {
    expect(offers('onefold ')).not.toContain('exit-codes');
  });
});

test.each([
  ['bash', inBash],
  ['fish', inFish],
])('%s completes the value of an option as what it is', (_shell, offers) => {
  expect(offers('onefold account create --kit onefold.b')).toContain('onefold.bash');
  expect(offers('onefold completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
});

/** What a person sees of the offers of a zsh at work, on a terminal of its own. */
function seenInZsh(line: string): string {
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'autoload -U compinit; compinit -D -u; source ./_onefold; LISTMAX=10000; stty rows 200 cols 100; print LOAD""ED'
    zpty -r -m shell so_far '*LOADED*'
    zpty -n -w shell "${line}"$'\\t'
    for ((tries = 0; tries < 100; tries++)); do
      while zpty -r -t shell more; do shown+=$more; done
      [[ $shown == *devices* && $shown == *trash* ]] && break
      sleep 0.1
    done
    print -r -- "$shown"`;
  return run('zsh', ['-f', '-c'], script);
}

test.each([
  ['bash', (line: string) => inBash(line).join(' ')],
  ['zsh', seenInZsh],
  ['fish', (line: string) => inFish(line).join(' ')],
])('%s offers what there is help about', (_shell, offered) => {
  const offers = offered('onefold help ');
  for (const topic of ['account', 'devices', 'exit-codes', 'trash']) expect(offers).toContain(topic);
});

test('the manual page is set without a warning, and names every command and option', () => {
  const page = manualPage(table);
  const warnings = execFileSync('sh', ['-c', 'groff -ww -man -Tutf8 2>&1 >/dev/null'], {
    input: page,
    encoding: 'utf8',
  });
  expect(warnings).toBe('');
  const shown = execFileSync('groff', ['-man', '-Tascii', '-P-cbou', '-rLL=400n'], { input: page, encoding: 'utf8' });
  for (const { path, options, inner } of table) {
    if (inner.length === 0) expect(shown).toContain(`onefold ${path.join(' ')}`.trim());
    for (const { long } of options.filter((option) => option.long !== '--help')) expect(shown).toContain(long);
  }
});
