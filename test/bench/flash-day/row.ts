import { dayParts, FamilyDay } from '../../system/family-day.ts';
import { Flash } from '../../system/flash.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';

/** Bytes that reach the disk in a simulated day; see `FamilyDay`. */
export const flashDay: Row = {
  name: 'flash-day',
  title: 'bytes written to flash in a simulated day of a family of four',
  run,
};

const titles = {
  rules: 'sixteen changes of rules',
  requests: 'six requests',
  tries: '200 bursts of blocked tries',
  usage: 'minutes of use',
  house: 'a start, the time, rules for the next boot',
} as const;

async function run({ quick, progress }: RowOptions): Promise<RowResult> {
  const parts: (string | number)[][] = [];
  for (const part of quick ? [] : dayParts) {
    progress(titles[part]);
    const flash = new Flash(32);
    parts.push([titles[part], kilobytes(await new FamilyDay(flash, [part]).play())]);
    flash.remove();
  }
  progress('the whole day');
  const flash = new Flash(32);
  const day = new FamilyDay(flash);
  const written = await day.play();
  flash.remove();
  parts.push(['all of it', kilobytes(written)]);
  return {
    measures: [],
    tables: [{ title: 'written in the day', columns: ['what', 'kB'], rows: parts }],
    aims: [atMost('kB written in the day', kilobytes(written), 2000)],
    notes: [
      `${day.sent} events reached the cloud`,
      'as the block layer counts what ext4 writes, its journal and inodes among them',
      'without a download of lists, which is as large as the list',
    ],
    parameters: { hours: 24, children: 2 },
  };
}

function kilobytes(bytes: number): number {
  return Math.round(bytes / 1000);
}
