import type { BlockedHit } from './query-handler.ts';

/** An answer that was given without asking anybody. */
export interface KeptAnswer {
  /** One character an octet: memory of V8's own, which nothing else is pinned by. Its id is of the query before. */
  readonly bytes: string;
  /** What is told of each query that is answered by it; null for nothing. */
  readonly hit: BlockedHit | null;
}

const MAX_ANSWERS = 1024;
/** Longer queries than any that asks for a name with a few options are not worth keeping. */
const MAX_QUERY = 512;

/**
 * Answers by what was asked, to the byte but for its id, and by what all decisions for the asker rest on. Who is refused
 * asks again and again: the answer is then a look-up and a copy. Half a megabyte at most.
 */
export class KeptAnswers {
  readonly #answers = new Map<object, Map<string, KeptAnswer>>();
  #count = 0;

  find(basis: object, message: Buffer): KeptAnswer | undefined {
    return this.#answers.get(basis)?.get(withoutId(message));
  }

  keep(basis: object, message: Buffer, answer: Buffer, hit: BlockedHit | null): void {
    if (message.length > MAX_QUERY) return;
    if (this.#count >= MAX_ANSWERS) {
      this.#answers.clear();
      this.#count = 0;
    }
    const ofBasis = this.#answers.get(basis) ?? new Map<string, KeptAnswer>();
    this.#answers.set(basis, ofBasis.set(withoutId(message), { bytes: answer.toString('latin1'), hit }));
    this.#count++;
  }
}

/** A kept answer, to the query in `message`. */
export function answerAgain({ bytes }: KeptAnswer, message: Buffer): Buffer {
  const answer = Buffer.from(bytes, 'latin1');
  answer[0] = message[0] ?? 0;
  answer[1] = message[1] ?? 0;
  return answer;
}

function withoutId(message: Buffer): string {
  return message.toString('latin1', 2);
}
