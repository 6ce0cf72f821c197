import { expect, test, vi } from 'vitest';
import { type Command, findCommand, helpOf } from './command.ts';
import { commands } from './index.ts';

const run = vi.fn<Command['run']>();
const importing: Command = {
  words: ['routers', 'import'],
  operands: ['FILE'],
  switches: ['dry-run'],
  help: ['takes routers in'],
  run,
};
const find = (typed: string, ...switches: string[]) =>
  findCommand([importing], typed.split(' '), new Set(switches));

test('a command is found by its words, and has what follows them', () => {
  expect(find('routers import a.json')).toEqual({ command: importing, operands: ['a.json'] });
  expect(find('routers import a.json', 'dry-run').operands).toEqual(['a.json']);
});

test.each([
  ['routers', []],
  ['routers export a.json', []],
  ['routers import', []],
  ['routers import a b', []],
  ['routers import a', ['force']],
])('%s %j is answered by how it is used', (typed, switches) => {
  expect(() => find(typed, ...switches)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('the help of every command says how it is used, in lines that fit', () => {
  expect(helpOf(importing)).toBe('  khien-cloud routers import FILE [--dry-run]\n      takes routers in');
  const lines = commands.flatMap((command) => helpOf(command).split('\n'));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});
