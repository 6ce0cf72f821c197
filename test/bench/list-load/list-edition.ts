import { writeFileSync } from 'node:fs';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { NameGenerator } from '../names.ts';

/** The categories that the lists have. */
const CATEGORIES = 4;
export const ALL = 2 ** CATEGORIES - 1;

export interface Editions {
  /** A list of so many names. */
  readonly first: string;
  /** The same with one name in a hundred different: half a hundredth went, as many others came. */
  readonly changed: string;
  /** The same with each hundredth name replaced by another. */
  readonly replaced: string;
}

/** Compiles a list and updates of it; `paths` says where. */
export function compileEditions(count: number, paths: Editions): void {
  const names = new NameGenerator(count).listed(count + count / 100);
  const compile = (path: string, chosen: (index: number) => boolean) => {
    const compiler = new TableCompiler();
    names.forEach((name, index) => {
      if (chosen(index)) compiler.add(index % CATEGORIES, name);
    });
    writeFileSync(path, Buffer.concat(compiler.finish().pieces));
  };
  compile(paths.first, (index) => index < count);
  compile(paths.changed, (index) => (index < count ? index % 200 !== 7 : index < count + count / 200));
  compile(paths.replaced, (index) => index >= count || index % 100 !== 7);
}
