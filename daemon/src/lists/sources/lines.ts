/** Lines are as long as this at most, in bytes; longer ones are told, not kept. */
export const LONGEST_LINE = 4096;

const LINE_FEED = 0x0a;

/** A line without its end, or null for one that was too long. */
export type Line = string | null;

/**
 * The lines of UTF-8 text that comes in chunks; memory for one line at most. A byte order mark and the carriage returns of
 * Windows are left out, what is no UTF-8 becomes U+FFFD.
 */
export class LineSplitter {
  #rest = Buffer.alloc(0);
  #tooLong = false;
  #first = true;

  /** The lines that end in this chunk. */
  *take(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end));
      yield this.#line();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The last line, where no line feed ends it. */
  *end(): Generator<Line> {
    if (this.#rest.length > 0 || this.#tooLong) yield this.#line();
  }

  #keep(bytes: Buffer): void {
    if (this.#tooLong || bytes.length === 0) return;
    this.#tooLong = this.#rest.length + bytes.length > LONGEST_LINE;
    if (this.#tooLong) this.#rest = Buffer.alloc(0);
    else this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
  }

  #line(): Line {
    const text = this.#rest.toString();
    const line = this.#tooLong
      ? null
      : text.replace(/\r+$/, '').slice(this.#first && text.startsWith('\ufeff') ? 1 : 0);
    this.#rest = Buffer.alloc(0);
    this.#tooLong = false;
    this.#first = false;
    return line;
  }
}
