import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Host } from '../home/index.ts';

const replySchema = z.union([
  z.object({ id: z.int(), value: z.unknown() }),
  z.object({ id: z.int(), error: z.string() }),
]);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A program of the bench that runs on a host of the virtual home and answers questions over Node's IPC channel, which
 * does not go through any network. The other end is `answerQuestions`; it ends when this process does.
 */
export class HostWorker {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #questions = 0;

  constructor(host: Host, script: URL) {
    this.#child = fork(fileURLToPath(script), [], {
      // What is executed is `ip`, which becomes Node in the host's namespace.
      execPath: 'ip',
      execArgv: ['netns', 'exec', host.namespace, process.execPath, '--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 2, 2, 'ipc'],
      serialization: 'advanced',
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        const error = new Error(
          `the worker on ${host.name} ended with ${code ?? signal}: ${script.pathname}`,
        );
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      });
    });
    this.#child.on('message', (message) => this.#reply(message));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Asks a question of the program's own and waits for its answer. Throws what the program threw. */
  async ask<T>(question: string, argument: unknown, answerSchema: z.ZodType<T>): Promise<T> {
    const id = ++this.#questions;
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, question, argument }, (error) => error && reject(error));
    });
    return answerSchema.parse(answer);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #reply(message: unknown): void {
    const reply = replySchema.parse(message);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }
}
