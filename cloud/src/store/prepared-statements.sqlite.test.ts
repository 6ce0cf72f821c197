import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PreparedStatements } from './prepared-statements.ts';

let statements: PreparedStatements;
beforeEach(() => {
  statements = new PreparedStatements(new Database(':memory:'));
});
afterEach(() => statements.close());

test('the same text is prepared once, and again while it is being read', () => {
  statements.prepare('create table t (a)').run();
  statements.prepare('insert into t values (1), (2)').run();
  const read = statements.prepare('select a from t');
  expect(statements.prepare('select a from t')).toBe(read);
  const rows = read.iterate();
  rows.next();
  const other = statements.prepare('select a from t');
  expect(other).not.toBe(read);
  expect(other.all()).toHaveLength(2);
  rows.return?.();
});

test('what was used longest ago is prepared again', () => {
  const first = statements.prepare('select 1');
  const second = statements.prepare('select 2');
  for (let n = 0; n < 499; n += 1) {
    expect(statements.prepare('select 1')).toBe(first);
    statements.prepare(`select 'n${n}'`);
  }
  expect(statements.prepare('select 2')).not.toBe(second);
  expect(statements.prepare('select 1')).toBe(first);
});

test('a table that changes is read as it is', () => {
  statements.prepare('create table t (a)').run();
  statements.prepare('insert into t values (1)').run();
  expect(statements.prepare('select * from t').all()).toEqual([{ a: 1 }]);
  statements.prepare('alter table t add column b default 2').run();
  expect(statements.prepare('select * from t').all()).toEqual([{ a: 1, b: 2 }]);
});

test('a pragma is done each time', () => {
  for (const timeout of [0, 5000, 0]) {
    statements.prepare(`pragma busy_timeout = ${timeout}`).all();
    expect(statements.prepare('pragma busy_timeout').all()).toEqual([{ timeout }]);
  }
});
