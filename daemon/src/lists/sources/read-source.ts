import type { DnsName } from '@khien/shared/name';
import type { Finding, Rejection } from './finding.ts';
import { formatOf, readerOf, type SourceFormat } from './format.ts';
import { type Line, LineSplitter } from './lines.ts';

/** Lines that tell the format. */
const LINES_THAT_TELL = 500;

export interface NameSink {
  name(name: DnsName): void;
  exception(name: DnsName): void;
}

/** What became of a source's lines. */
export interface SourceReport {
  format: SourceFormat;
  lines: number;
  names: number;
  exceptions: number;
  /** What was not taken, with the line on which it was met first. */
  readonly rejected: Partial<Record<Rejection, { count: number; firstLine: number }>>;
}

/**
 * Reads a list of whatever quality, line by line, and hands its names on. Nothing in it is fatal: what is no name is counted
 * by kind. Holds a few hundred lines at most, to tell the format by.
 *
 * @param format told by the first lines where absent
 */
export async function readSource(
  bytes: AsyncIterable<Buffer>,
  sink: NameSink,
  format?: SourceFormat,
): Promise<SourceReport> {
  const reading = new Reading(sink, format);
  const splitter = new LineSplitter();
  for await (const chunk of bytes) for (const line of splitter.take(chunk)) reading.line(line);
  for (const line of splitter.end()) reading.line(line);
  return reading.finish();
}

class Reading {
  readonly #sink: NameSink;
  readonly #report: SourceReport = { format: 'domains', lines: 0, names: 0, exceptions: 0, rejected: {} };
  #reader: ((line: string) => Finding) | undefined;
  #first: Line[] = [];

  constructor(sink: NameSink, format: SourceFormat | undefined) {
    this.#sink = sink;
    if (format !== undefined) this.#begin(format);
  }

  line(line: Line): void {
    if (this.#reader !== undefined) {
      this.#take(line, this.#reader);
      return;
    }
    this.#first.push(line);
    if (this.#first.length === LINES_THAT_TELL) this.#begin(this.#formatOfFirst());
  }

  finish(): SourceReport {
    if (this.#reader === undefined) this.#begin(this.#formatOfFirst());
    return this.#report;
  }

  #formatOfFirst(): SourceFormat {
    return formatOf(this.#first.filter((line) => line !== null));
  }

  #begin(format: SourceFormat): void {
    const reader = readerOf[format]();
    this.#reader = reader;
    this.#report.format = format;
    for (const line of this.#first) this.#take(line, reader);
    this.#first = [];
  }

  #take(line: Line, reader: (line: string) => Finding): void {
    const report = this.#report;
    report.lines++;
    if (line === null) {
      this.#reject('line-too-long');
      return;
    }
    const finding = reader(line);
    if (finding.kind === 'nothing') return;
    if (finding.kind === 'rejected') {
      this.#reject(finding.why);
      return;
    }
    for (const why of finding.rejected) this.#reject(why);
    if (finding.kind === 'names') report.names += finding.names.length;
    else report.exceptions += finding.names.length;
    for (const name of finding.names) {
      if (finding.kind === 'names') this.#sink.name(name);
      else this.#sink.exception(name);
    }
  }

  #reject(why: Rejection): void {
    const { rejected, lines } = this.#report;
    rejected[why] = { firstLine: rejected[why]?.firstLine ?? lines, count: (rejected[why]?.count ?? 0) + 1 };
  }
}
