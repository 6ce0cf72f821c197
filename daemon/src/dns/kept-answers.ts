import type { BlockedHit } from './query-handler.ts';
import type { Verdicts } from './verdict.ts';

/** An answer that was given without asking anybody. */
export interface KeptAnswer {
  /** One character an octet: memory of V8's own, which nothing else is pinned by. Its id is of the query before. */
  readonly bytes: string;
  /** What is told of each query that is answered by it; null for nothing. */
  readonly hit: BlockedHit | null;
}

const MAX_ANSWERS = 1024;
/** Bytes; the longest name takes 271, 282 with EDNS. Longer ones are not worth keeping. */
const MAX_QUERY = 300;

/**
 * Answers by what was asked, to the byte but for its id, and by what all decisions for the asker rest on, with which they
 * are forgotten. Who is refused asks again and again: the answer is then a look-up and a copy. 2 MB at most, were each name
 * as long as one can be.
 */
export class KeptAnswers {
  readonly #answers = new Map<object, Map<string, KeptAnswer>>();
  #count = 0;

  /** @param verdicts where each `basis` is from */
  constructor(verdicts: Verdicts) {
    verdicts.onEnd((basis) => {
      this.#count -= this.#answers.get(basis)?.size ?? 0;
      this.#answers.delete(basis);
    });
  }

  find(basis: object, message: Buffer): KeptAnswer | undefined {
    return this.#answers.get(basis)?.get(withoutId(message));
  }

  /** @param basis one that has not ended */
  keep(basis: object, message: Buffer, answer: Buffer, hit: BlockedHit | null): void {
    if (message.length > MAX_QUERY) return;
    if (this.#count >= MAX_ANSWERS) {
      this.#answers.clear();
      this.#count = 0;
    }
    const ofBasis = this.#answers.get(basis) ?? new Map<string, KeptAnswer>();
    const before = ofBasis.size;
    this.#answers.set(basis, ofBasis.set(withoutId(message), { bytes: answer.toString('latin1'), hit }));
    this.#count += ofBasis.size - before;
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
