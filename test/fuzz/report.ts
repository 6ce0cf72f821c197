import { textTable } from '../bench/text-table.ts';
import type { Counts, Finding, Tally } from './tally.ts';

/** What a run has to say, for a terminal. */
export function report(tally: Tally): string {
  return [
    countsTable('messages', tally.messages),
    countsTable('envelopes', tally.envelopes),
    `${tally.repeated} sent again because they did not arrive at once`,
    findingsText(tally.findings),
  ].join('\n\n');
}

const MOST_KINDS = 12;

/** Findings of one kind together, each kind with its first one, which `--replay` takes. */
export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no findings';
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = `${finding.problem}: ${finding.message}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), finding]);
  }
  const texts = [...kinds].map(([kind, all]) => `${all.length} × ${kind}\n${firstOf(all)}`);
  const more = texts.length > MOST_KINDS ? [`and ${texts.length - MOST_KINDS} more kinds`] : [];
  return [...texts.slice(0, MOST_KINDS), ...more].join('\n');
}

function firstOf([first]: readonly Finding[]): string {
  if (first === undefined) return '';
  return [
    `    envelope  ${first.envelope}`,
    `    message   ${first.payload.toString('hex')}`,
    `    as text   ${JSON.stringify(first.payload.toString('latin1'))}`,
    `    --replay  ${first.frames.map((frame) => frame.toString('hex')).join(',')}`,
  ].join('\n');
}

function countsTable(title: string, counts: ReadonlyMap<string, Counts>): string {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const total: Counts = { sent: 0, resolver: 0, responder: 0, doubtful: 0, dropped: 0, lost: 0 };
  for (const [, each] of rows) for (const key of columns) total[key] += each[key];
  return textTable({
    title,
    columns: ['class', ...columns],
    rows: [...rows, ['all', total] as const].map(([name, each]) => [
      name,
      ...columns.map((key) => each[key]),
    ]),
  });
}

const columns = ['sent', 'resolver', 'doubtful', 'responder', 'dropped', 'lost'] as const;
