import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import type { Row, RowResult, Table } from './row.ts';
import { summarize } from './statistics.ts';
import { formatNumber, textTable } from './text-table.ts';

/** One row's run, as it is printed and stored. */
export interface Report {
  readonly row: Row;
  readonly result: RowResult;
  readonly environment: Environment;
  readonly command: string;
  readonly startedAt: Date;
  /** Seconds. */
  readonly took: number;
}

/** The report for a terminal. */
export function printReport({ row, result, environment, took }: Report): string {
  const { measures, tables, aims, notes } = result;
  const with_ = Object.entries(environment).map(([name, value]) => `${name} ${value}`);
  const sections = [
    `== ${row.name}: ${row.title}\n   ${with_.join(', ')}; ${took.toFixed(0)} s`,
    ...(measures.length === 0 ? [] : [textTable(distributions(result))]),
    ...tables.map(textTable),
    ...aims.map(({ text, value, met }) => `${met ? 'met    ' : 'NOT MET'}  ${text}: ${formatNumber(value)}`),
    ...notes.map((note) => `note: ${note}`),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Writes the report as `ROW-TIME.json`, and returns the path. */
export function writeReport(folder: string, report: Report): string {
  const { row, result, environment, command, startedAt, took } = report;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${row.name}-${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.json`);
  const content = {
    row: row.name,
    title: row.title,
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round(took),
    command,
    environment,
    parameters: result.parameters,
    measures: result.measures.map(({ name, unit, samples }) => ({
      name,
      unit,
      ...summarize(samples),
      samples,
    })),
    tables: result.tables,
    aims: result.aims,
    notes: result.notes,
  };
  writeFileSync(path, `${JSON.stringify(content, null, 1)}\n`);
  return path;
}

function distributions({ measures }: RowResult): Table {
  return {
    title: 'distributions',
    columns: ['what', 'unit', 'samples', 'min', 'p50', 'p99', 'max'],
    rows: measures.map(({ name, unit, samples }) => {
      const { count, min, p50, p99, max } = summarize(samples);
      return [name, unit, count, min, p50, p99, max];
    }),
  };
}
