import type { Corpus } from '../corpus.ts';
import type { Random } from '../random.ts';

/** A kind of DNS message. */
export interface MessageClass {
  readonly name: string;
  /** What it makes means what it does with its own id only. */
  readonly ownId?: boolean;
  make(random: Random, corpus: Corpus): Buffer;
}
