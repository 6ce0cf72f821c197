import { categoryImportance, TABLE_CATEGORIES } from '@khien/shared/list';
import type { NameLists } from '../lists/name-lists.ts';

/** Memory of this machine, in bytes. */
export interface Memory {
  readonly total: number;
  /** What programs may still have before others suffer (MemAvailable in proc_meminfo(5)). */
  readonly available: number;
}

/**
 * What the kernel takes for a name: 64 bytes for one of up to 32 bytes in wire format, 96 for a longer one, and 11 to 21 for
 * its bucket. Measured 86 on average, with lists like public ones. On ARM64 before Linux 6.5 it is half as much again,
 * because nothing there is smaller than 128 bytes: `budgetOf` leaves that much.
 */
export const NAME_BYTES = 96;

/** A category of which some profile wants the list. */
export interface ListCategory {
  readonly id: string;
  readonly bit: number;
}

/** What fits. */
export interface Fitting {
  /** Categories whose lists are loaded. */
  readonly mask: number;
  /** Categories whose lists are not, most important first. */
  readonly leftOut: readonly string[];
  /** Whether there would be room for every list there is. */
  readonly roomForAll: boolean;
}

/**
 * Bytes that names may take in the kernel: a quarter of the machine's memory, and no more than half of what was available
 * when the daemon started, names of a former run not counted.
 */
export function budgetOf({ total, available }: Memory, namesHeld: number): number {
  return Math.min(total / 4, (available + namesHeld * NAME_BYTES) / 2);
}

/** Decides which lists fit the memory that names may take: whole categories, the most important first. */
export class ListBudget {
  #bytes: number;
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** A name that two categories list counts twice, so that all is known from the table's header. */
  fit(categories: readonly ListCategory[], lists: NameLists): Fitting {
    let mask = 0;
    const leftOut: string[] = [];
    this.#used = 0;
    for (const { id, bit } of byImportance(categories)) {
      const bytes = lists.count(2 ** bit) * NAME_BYTES;
      if (this.#used + bytes <= this.#bytes) {
        this.#used += bytes;
        mask |= 2 ** bit;
      } else {
        leftOut.push(id);
      }
    }
    return { mask, leftOut, roomForAll: bytesOfAll(lists) <= this.#bytes };
  }

  /** The kernel had no memory for what fitted last: half of that from now on. False where nothing can be left out. */
  shrink(): boolean {
    this.#bytes = this.#used / 2;
    return this.#used > 0;
  }
}

function byImportance(categories: readonly ListCategory[]): ListCategory[] {
  const rank = ({ id }: ListCategory) => {
    const place = categoryImportance.indexOf(id);
    return place < 0 ? categoryImportance.length : place;
  };
  return [...categories].sort((a, b) => rank(a) - rank(b) || a.bit - b.bit);
}

function bytesOfAll(lists: NameLists): number {
  let names = 0;
  for (let bit = 0; bit < TABLE_CATEGORIES; bit++) names += lists.count(2 ** bit);
  return names * NAME_BYTES;
}
