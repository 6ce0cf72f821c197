import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readEnvironment } from './environment.ts';
import { printReport, writeReport } from './report.ts';
import type { Row } from './row.ts';

const results = fileURLToPath(new URL('../../bench-results', import.meta.url));

function helpFor(rows: readonly Row[], how: string): string {
  return `${how} [--quick] [--only ROW]...

  --only ROW   only this row; may be given again
  --quick      fewer rounds: whether it works, not what is true
  --help       this

Rows:
${rows.map(({ name, title }) => `  ${name.padEnd(14)}${title}`).join('\n')}

Tables go to standard output, progress to standard error, and each row's numbers to bench-results/ROW-TIME.json.
`;
}

/**
 * A bench's command line: runs rows, prints each as a table, and keeps it as JSON in bench-results.
 *
 * @param how it is started, for its help
 * @returns the status that the process is to end with
 */
export async function runRows(rows: readonly Row[], how: string): Promise<number> {
  const help = helpFor(rows, how);
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = values.only.filter((name) => rows.every((row) => row.name !== name));
  if (unknown.length > 0) {
    process.stderr.write(`there is no row ${unknown.join(', ')}\n\n${help}`);
    return 2;
  }
  const chosen = rows.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  const command = ['run.ts', ...process.argv.slice(2)].join(' ');
  let failed = 0;
  for (const row of chosen) {
    const startedAt = new Date();
    const environment = readEnvironment();
    const took = () => (Date.now() - startedAt.getTime()) / 1000;
    const progress = (text: string) =>
      void process.stderr.write(`[${row.name} ${took().toFixed(0).padStart(3)} s] ${text}\n`);
    const folder = mkdtempSync(join(tmpdir(), `khien-bench-${row.name}-`));
    try {
      const result = await row.run({ quick: values.quick, folder, progress });
      const report = { row, result, environment, command, startedAt, took: took() };
      process.stdout.write(`${printReport(report)}\n`);
      progress(`written to ${writeReport(results, report)}`);
    } catch (error) {
      // The other rows are worth having.
      failed++;
      process.stderr.write(`[${row.name}] failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return failed === 0 ? 0 : 1;
}
