/** How a row is to run. */
export interface RowOptions {
  /** Fewer rounds and smaller sizes: whether it works, not what is true. */
  readonly quick: boolean;
  /** A folder that ends with the run. */
  readonly folder: string;
  /** Says on standard error what is being done. */
  readonly progress: (text: string) => void;
}

/** One of the bench's tables, with what it takes to fill it. */
export interface Row {
  readonly name: string;
  readonly title: string;
  run(options: RowOptions): Promise<RowResult>;
}

export interface RowResult {
  readonly measures: readonly Measure[];
  readonly tables: readonly Table[];
  readonly aims: readonly Aim[];
  /** What a reader of the numbers must know: flags, what was given up, what went wrong. */
  readonly notes: readonly string[];
  /** The parameters that the numbers depend on. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Samples of one thing, told by their distribution. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What was aimed at, and what came out. */
export interface Aim {
  readonly text: string;
  readonly value: number;
  readonly met: boolean;
}

export function atMost(text: string, value: number, limit: number): Aim {
  return { text: `${text}, at most ${limit}`, value, met: value <= limit };
}

export function atLeast(text: string, value: number, limit: number): Aim {
  return { text: `${text}, at least ${limit}`, value, met: value >= limit };
}
