import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listsCommand } from './lists.ts';

let folder: string;
let out: string;
let err: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-lists-command-'));
  out = '';
  err = '';
  vi.spyOn(console, 'log').mockImplementation((text: string) => {
    out += `${text}\n`;
  });
  vi.spyOn(console, 'error').mockImplementation((text: string) => {
    err += `${text}\n`;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

function run(...words: string[]): Promise<number> {
  out = '';
  err = '';
  return listsCommand(words);
}

async function compiled(...words: string[]): Promise<string> {
  writeFileSync(at('bets.txt'), '0.0.0.0 bet.example\n0.0.0.0 www.bet.example\n10.0.0.1 nas.example\n');
  writeFileSync(at('adult.txt'), '||adult.example^\n@@||health.adult.example^\n||x.example^$third-party\n');
  const sources = ['--category', `gambling=${at('bets.txt')}`, '--category', `adult=${at('adult.txt')}`];
  expect(await run('compile', '--out', at('out.khl'), ...sources, ...words)).toBe(0);
  return at('out.khl');
}

describe('khiend lists', () => {
  it('compiles files of several forms, and says what became of their lines', async () => {
    await compiled('--list-version', '2026-11-21');
    expect(out).toContain('gambling: ');
    expect(out).toContain('hosts, 3 lines, 2 names, 0 exceptions\n  not taken: 1 rewrite (first in line 3)');
    expect(out).toContain('adblock, 3 lines, 1 names, 1 exceptions\n  not taken: 1 option (first in line 3)');
    expect(out).toContain('version 2026-11-21, 3 entries');
    expect(out).toContain('0 repeated, 1 covered by a name above');
  });

  it('makes the same file of the same names', async () => {
    const first = readFileSync(await compiled());
    expect(readFileSync(await compiled()).equals(first)).toBe(true);
  });

  it('says it all as JSON', async () => {
    await compiled('--json', '--format', 'hosts');
    expect(JSON.parse(out)).toMatchObject({
      sources: [
        {
          category: 'gambling',
          format: 'hosts',
          names: 2,
          rejected: { rewrite: { count: 1, firstLine: 3 } },
        },
        { category: 'adult', format: 'hosts', names: 0, rejected: { garbage: { count: 3, firstLine: 1 } } },
      ],
      table: { entries: 1, covered: 1 },
    });
  });

  it('shows what is in a list, and finds names', async () => {
    const file = await compiled('--list-version', 'v1');
    expect(await run('show', file)).toBe(0);
    expect(out).toMatch(
      /version v1, 3 entries, \d+ bytes\nsha256 [0-9a-f]{64}\n {2}adult 1\n {2}gambling 1\n/,
    );
    expect(await run('find', file, 'WWW.Adult.example.')).toBe(0);
    expect(out).toBe('adult.example: adult\n');
    expect(await run('find', file, 'www.health.adult.example')).toBe(1);
    expect(out).toBe('www.health.adult.example is not listed\n');
    expect(await run('find', file, 'm.bet.example', '--json')).toBe(0);
    expect(JSON.parse(out)).toEqual({
      name: 'm.bet.example',
      found: [{ name: 'bet.example', categories: ['gambling'] }],
    });
  });

  it('explains itself', async () => {
    expect(await run('--help')).toBe(0);
    expect(out).toContain('khiend lists compile --out FILE');
    expect(await run()).toBe(0);
  });

  it.each([
    ['compile', '--category', 'adult=x'],
    ['compile', '--out', 'x'],
    ['compile', '--out', 'x', '--category', 'adult'],
    ['compile', '--out', 'x', '--category', 'adult=y', '--format', 'csv'],
    ['compile', '--out', 'x', '--nonsense'],
    ['show'],
    ['find', 'x'],
    ['find', 'x', 'localhost'],
    ['burn'],
  ])('refuses a wrong call and shows how it is used: %s %s %s %s', async (...words) => {
    expect(await run(...words)).toBe(2);
    expect(err).toContain('khiend lists compile --out FILE');
  });

  it('says by code what cannot be read, written or meant, and leaves the old file', async () => {
    const file = await compiled();
    const before = readFileSync(file);
    const compile = (category: string, ...more: string[]) =>
      run('compile', '--out', file, '--category', category, ...more);
    expect([await compile(`adult=${at('none.txt')}`), err]).toEqual([
      1,
      expect.stringMatching(/^LIST_UNREADABLE: .*none\.txt/),
    ]);
    expect([await compile('study=x'), err]).toEqual([2, expect.stringMatching(/^LIST_CATEGORY: .*gambling/)]);
    expect([await compile(`adult=${at('bets.txt')}`, '--list-version', 'no spaces'), err]).toEqual([
      2,
      expect.stringMatching(/^LIST_VERSION/),
    ]);
    expect([await run('show', at('bets.txt')), err]).toEqual([1, expect.stringMatching(/^LIST_CORRUPT/)]);
    const unwritable = run('compile', '--out', at('no/where.khl'), '--category', `adult=${at('bets.txt')}`);
    expect([await unwritable, err]).toEqual([1, expect.stringMatching(/^LIST_UNWRITABLE/)]);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['adult.txt', 'bets.txt', 'out.khl']);
  });
});
