/** Often enough to see that something goes on, milliseconds. */
const STEP = 200;

/** One line of progress on standard error, where that is a terminal. */
export class Progress {
  #shownAt = Number.NEGATIVE_INFINITY;

  show(text: string): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shownAt < STEP) return;
    this.#shownAt = now;
    process.stderr.write(`\r\x1b[K${text}`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
