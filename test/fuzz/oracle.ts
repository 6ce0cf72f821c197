import { type PlainQuery, plainQuery, questionsUnderstood, type WireName } from './dns-reader.ts';

/** Where the kernel must bring a message. */
export type Expected =
  /** To the responder: a name that is blocked can be understood from it, or it is no plain query. */
  | 'responder'
  /** To the resolver: a plain query for a name that nothing is said of. */
  | 'resolver'
  /** To either, and nowhere else. */
  | 'either';

export interface Judgement {
  readonly expected: Expected;
  /** A blocked name that a resolver could understand. */
  readonly blocked: WireName | undefined;
}

/** What holds for the child whose device asks. Each name is meant with all below it. */
export interface ReferenceNames {
  /** Of blocked services, and of lists of blocked categories. */
  readonly listed: readonly string[];
  /** What the parent blocks and allows by name: of these the longest match decides, before what is listed. */
  readonly parentBlocked: readonly string[];
  readonly parentAllowed: readonly string[];
  /** What the responder answers itself. */
  readonly answered: readonly string[];
  /** Excepted from everything. */
  readonly help: readonly string[];
  /** What the kernel knows beside these and must not mistake for them: blocked for another child. */
  readonly other: readonly string[];
}

/**
 * - `steady` the policy is in force
 * - `changing` something is added to it now and then, for which all queries may be the responder's for a while
 * - `joined` packets of one flow may come in as one, which the kernel cannot tell
 * - `paused` the child's network is off: everything is the responder's
 */
export type State = 'steady' | 'changing' | 'joined' | 'paused';

/** Longer names than this, in wire format, are unknown to the kernel, and asked of the responder. */
const LONGEST_KNOWN = 64;
/** The kernel leaves types whose first byte is not zero to the responder, which is allowed. */
const SIMPLE_TYPES = 256;

/**
 * Says where messages belong, by a suffix matcher that has nothing in common with the kernel's. Where names differ but in
 * bits that the kernel does not see (RFC 4343 lets it fold letters; it folds every byte) it may ask the responder.
 */
export class Oracle {
  readonly #names: Readonly<Record<Exclude<keyof ReferenceNames, 'other'>, ReadonlySet<WireName>>>;
  readonly #alike: ReadonlySet<string>;
  readonly #helpAlike: ReadonlySet<string>;
  readonly #state: State;

  constructor(names: ReferenceNames, state: State = 'steady') {
    this.#state = state;
    const wire = (of: readonly string[]) => new Set(of.map(wireName));
    this.#names = {
      listed: wire(names.listed),
      parentBlocked: wire(names.parentBlocked),
      parentAllowed: wire(names.parentAllowed),
      answered: wire(names.answered),
      help: wire(names.help),
    };
    const { help, ...steered } = this.#names;
    // Masked, a hyphen and digits look like lengths: of names that have some, the kernel asks the responder.
    const doubtful = [...wire(names.other)].filter((name) => /[-0-9]/.test(name));
    const all = [...Object.values(steered).flatMap((set) => [...set]), ...doubtful];
    this.#alike = new Set(all.map(folded));
    this.#helpAlike = new Set([...help].map(folded));
  }

  judge(message: Buffer): Judgement {
    const understood = questionsUnderstood(message);
    const blocked = understood.find(({ name }) => this.isBlocked(name))?.name;
    if (this.#state === 'paused') return { expected: 'responder', blocked };
    if (blocked !== undefined)
      return { expected: this.mustBeHeldBack(blocked) ? 'responder' : 'either', blocked };
    const plain = plainQuery(message);
    if (plain !== undefined && this.#state !== 'steady') return { expected: 'either', blocked };
    if (plain?.tidy === true) return { expected: this.#expectedOfPlain(plain), blocked };
    // What nobody can read may go to either, and so may the root.
    const isQuestion = understood[0]?.whole === true && understood[0].name !== '\0';
    return { expected: plain === undefined && isQuestion ? 'responder' : 'either', blocked };
  }

  /**
   * Whether no form of a name may reach the resolver: where it is blocked, but for names with the bytes of a help name's
   * length and first label as a label of their own. The kernel takes these for the help name, which must be resolved even
   * when nobody is there to tell them apart.
   */
  mustBeHeldBack(name: WireName): boolean {
    return this.isBlocked(name) && !endsAsOneOf(folded(name), this.#helpAlike);
  }

  /** Whether the child must not reach a name, or the responder has an answer of its own. */
  isBlocked(name: WireName): boolean {
    const { listed, parentBlocked, parentAllowed, answered, help } = this.#names;
    const longest = (of: ReadonlySet<WireName>) => longestMatch(name, of)?.length ?? 0;
    if (longest(help) > 0) return false;
    if (longest(answered) > 0) return true;
    const allowed = longest(parentAllowed);
    if (longest(parentBlocked) > 0 && longest(parentBlocked) >= allowed) return true;
    return allowed === 0 && longest(listed) > 0;
  }

  #expectedOfPlain({ name, type, options }: PlainQuery): Expected {
    if (type >= SIMPLE_TYPES || name.length <= 1 || name.length > LONGEST_KNOWN) return 'either';
    // A zero inside a label may be taken for the name's end, other bytes for a pointer, a zero in a cookie for a class.
    if (name.indexOf('\0') !== name.length - 1 || /[\x80-\xff]/.test(name) || options.includes(0, 4))
      return 'either';
    if (longestMatch(name, this.#names.help) !== undefined) return 'resolver';
    return endsAsOneOf(folded(name), this.#alike) ? 'either' : 'resolver';
  }
}

function endsAsOneOf(text: string, ends: ReadonlySet<string>): boolean {
  for (let at = 0; at < text.length - 1; at++) {
    if (ends.has(text.slice(at))) return true;
  }
  return false;
}

/** A name in wire format, as the reader gives it. */
export function wireName(name: string): WireName {
  return `${name
    .split('.')
    .map((label) => String.fromCharCode(label.length) + label)
    .join('')}\0`;
}

/** The longest name of a set that `name` is or is below, by labels. */
function longestMatch(name: WireName, names: ReadonlySet<WireName>): WireName | undefined {
  for (let at = 0; at < name.length - 1; at += 1 + name.charCodeAt(at)) {
    const suffix = name.slice(at);
    if (names.has(suffix)) return suffix;
  }
  return undefined;
}

function folded(text: string): string {
  return Array.from(text, (character) => String.fromCharCode(character.charCodeAt(0) & 0xdf)).join('');
}
