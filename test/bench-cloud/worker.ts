import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that does one thing at a time when it is told to, and answers. */
export class Worker {
  readonly #child;

  /** @param program of TypeScript, with `serve` in it */
  constructor(program: URL) {
    this.#child = fork(fileURLToPath(program), { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the worker has not started');
    return this.#child.pid;
  }

  /** The answer; its form is what the program sends. @throws when the worker fails */
  ask(order: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answered = (answer: unknown): void => {
        this.#child.off('exit', ended);
        resolve(answer);
      };
      const ended = (): void => {
        this.#child.off('message', answered);
        reject(new Error('the worker has ended'));
      };
      this.#child.once('message', answered);
      this.#child.once('exit', ended);
      this.#child.send({ order });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** The worker's side. */
export function serve(handle: (order: unknown) => Promise<unknown>): void {
  process.on('message', (message) => {
    const order =
      typeof message === 'object' && message !== null && 'order' in message ? message.order : undefined;
    handle(order).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit());
}
