// make bench-cloud: what one machine's cloud can take.
import type { Row } from '../bench/row.ts';
import { runRows } from '../bench/run-rows.ts';
import { comeback } from './comeback/row.ts';
import { events } from './events/row.ts';
import { homeScreen } from './home-screen/row.ts';
import { memory } from './memory/row.ts';
import { tap } from './tap/row.ts';

const rows: readonly Row[] = [events, tap, homeScreen, memory, comeback];

process.exitCode = await runRows(rows, 'node --import tsx test/bench-cloud/run.ts');
