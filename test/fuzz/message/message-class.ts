import type { Corpus } from '../corpus.ts';
import type { Random } from '../random.ts';

/** A kind of DNS message; what it makes has any id, and is at least as long as that where not said otherwise. */
export interface MessageClass {
  readonly name: string;
  make(random: Random, corpus: Corpus): Buffer;
}
