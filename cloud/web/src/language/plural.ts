const english = new Intl.PluralRules('en');

/** A count with its noun in English, e.g. `1 device`, `3 devices`. */
export function counted(count: number, one: string, other: string): string {
  return `${count} ${english.select(count) === 'one' ? one : other}`;
}
