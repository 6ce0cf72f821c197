import type { Corpus } from './corpus.ts';
import { envelopeClasses, type Sent } from './envelope/index.ts';
import { messageClasses } from './message/index.ts';
import type { Random } from './random.ts';

/** A message on its way, with the names of the classes that made it. */
export interface Attempt {
  readonly message: string;
  readonly envelope: string;
  readonly sent: Sent;
}

/** Makes messages of all classes, each in an envelope of some class. */
export class Attempts {
  readonly #random: Random;
  readonly #corpus: Corpus;
  readonly #messages;
  readonly #envelopes;

  /**
   * @param only names of classes to keep to
   * @throws RangeError where there is no such class
   */
  constructor(random: Random, corpus: Corpus, only: readonly string[] = []) {
    this.#random = random;
    this.#corpus = corpus;
    const unknown = only.filter(
      (name) => ![...messageClasses, ...envelopeClasses].some((each) => each.name === name),
    );
    if (unknown.length > 0) throw new RangeError(`there is no class ${unknown.join(', ')}`);
    const chosen = <T extends { readonly name: string }>(classes: readonly T[]) => {
      const some = classes.filter(({ name }) => only.includes(name));
      return some.length === 0 ? classes : some;
    };
    this.#messages = chosen(messageClasses);
    this.#envelopes = chosen(envelopeClasses).flatMap((each) =>
      Array<typeof each>(each.weight ?? 1).fill(each),
    );
  }

  /** @param id of the message (its last 16 bits), unless that is part of its trick */
  next(id: number): Attempt {
    const message = this.#random.pick(this.#messages);
    const envelope = this.#random.pick(this.#envelopes);
    const bytes = Buffer.from(message.make(this.#random, this.#corpus));
    if (bytes.length >= 2 && message.ownId !== true) bytes.writeUInt16BE(id & 0xffff, 0);
    return { message: message.name, envelope: envelope.name, sent: envelope.wrap(this.#random, bytes) };
  }
}
