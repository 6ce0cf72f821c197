import { z } from 'zod';

const questionSchema = z.object({ id: z.int(), question: z.string(), argument: z.unknown() });

type Answer = (argument: unknown) => unknown;

/** The end of a `HostWorker` that runs on the host: answers each question with what its function returns or resolves to. */
export function answerQuestions(answers: Readonly<Record<string, Answer>>): void {
  process.on('message', (message) => {
    const { id, question, argument } = questionSchema.parse(message);
    Promise.resolve()
      .then(() => {
        const answer = answers[question];
        if (answer === undefined) throw new Error(`this worker cannot answer ${question}`);
        return answer(argument);
      })
      .then(
        (value) => process.send?.({ id, value }),
        (error: unknown) =>
          process.send?.({
            id,
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          }),
      );
  });
  process.once('disconnect', () => process.exit(0));
}

/** Milliseconds on CLOCK_MONOTONIC, which all namespaces of a machine share. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
