import { expect, test } from 'vitest';
import { formatNumber, textTable } from './text-table.ts';

test.each([
  [0, '0'],
  [0.1234, '0.123'],
  [12.345, '12.3'],
  [99.99, '100'],
  [123.6, '124'],
  [98765.4, '98765'],
  [Number.NaN, '-'],
])('%d is written %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test('columns line up, numbers to the right', () => {
  const table = {
    title: 'how long it took',
    columns: ['what', 'ms'],
    rows: [
      ['a long name', 5],
      ['short', 1234],
      ['nothing', Number.NaN],
    ],
  };
  expect(textTable(table)).toBe(
    [
      'how long it took',
      'what           ms',
      '-----------  ----',
      'a long name     5',
      'short        1234',
      'nothing         -',
    ].join('\n'),
  );
});
