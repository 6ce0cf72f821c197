import { parseArgs } from 'node:util';
import { codeOf, isKhienError } from '@khien/shared/error';
import { compileCommand } from './compile.ts';
import { findCommand } from './find.ts';
import { showCommand } from './show.ts';
import { WrongCall } from './wrong-call.ts';

const usage = `khiend lists: compiled lists of names by category (docs/lists.md)

  khiend lists compile --out FILE --category ID=SOURCE [--category ID=SOURCE ...]
                                 makes one list of files with names: hosts, one name a line, Adblock, RPZ; what is no
                                 name in them is counted and told
  khiend lists show FILE         what is in a compiled list
  khiend lists find FILE NAME    which of its names NAME is or is below, and their categories

  --out FILE           where the list is to be; it is replaced when the new one is complete
  --category ID=FILE   the names in FILE are of the category ID; may be given several times, also for one ID
  --format FORMAT      what all files are: hosts, domains, adblock or rpz (default: told by each file's first lines)
  --list-version TEXT  what the list is to be called, 1 to 64 letters, digits and .:_- (default: made of its content)
  --json               as JSON
  --help               this

Ends with 0 when all is well, 1 when not (find: NAME is not listed), 2 for a wrong call.
`;

const options = {
  out: { type: 'string' },
  category: { type: 'string', multiple: true },
  format: { type: 'string' },
  'list-version': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `khiend lists …`. Resolves with the status to end with; what is wrong has been said on standard error. */
export async function listsCommand(words: readonly string[]): Promise<number> {
  try {
    return await run(words);
  } catch (error) {
    if (error instanceof WrongCall || codeOf(error).startsWith('ERR_PARSE_ARGS')) {
      console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
      return 2;
    }
    if (!isKhienError(error)) throw error;
    console.error(`${error.code}: ${error.message}`);
    return error.code === 'LIST_CATEGORY' || error.code === 'LIST_VERSION' ? 2 : 1;
  }
}

function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [command, file, name, ...rest] = positionals;
  if (values.help || command === undefined) {
    console.log(usage);
    return Promise.resolve(0);
  }
  if (command === 'compile' && file === undefined) {
    return compileCommand({
      out: values.out,
      categories: values.category ?? [],
      format: values.format,
      version: values['list-version'],
      json: values.json,
    });
  }
  if (command === 'show' && file !== undefined && name === undefined) return showCommand(file, values.json);
  if (command === 'find' && file !== undefined && name !== undefined && rest.length === 0) {
    return findCommand(file, name, values.json);
  }
  throw new WrongCall(`khiend lists does not know: ${positionals.join(' ')}`);
}
