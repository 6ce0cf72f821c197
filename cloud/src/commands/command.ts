import { KhienError } from '@khien/shared/error';
import type { Config } from '../config.ts';

/** One thing that `khien-cloud` does besides to run. */
export interface Command {
  /** What is typed for it: `lists publish`. */
  readonly words: readonly string[];
  /** Names of what follows the words, for the help: `FILE`. */
  readonly operands: readonly string[];
  /** Switches that it knows: `dry-run`. */
  readonly switches?: readonly string[];
  /** For the help, lines of at most 90 characters. */
  readonly help: readonly string[];
  /** Prints what it did to stdout, and how far it is to stderr. @throws KhienError */
  run(config: Config, operands: readonly string[], switches: ReadonlySet<string>): Promise<void>;
}

/** The text of `--help` for one command. */
export function helpOf({ words, operands, switches = [], help }: Command): string {
  const usage = [...words, ...operands, ...switches.map((name) => `[--${name}]`)].join(' ');
  return [`  khien-cloud ${usage}`, ...help.map((line) => `      ${line}`)].join('\n');
}

/**
 * Finds what was typed.
 *
 * @throws KhienError `USAGE`
 */
export function findCommand(
  commands: readonly Command[],
  typed: readonly string[],
  switches: ReadonlySet<string>,
): { readonly command: Command; readonly operands: readonly string[] } {
  const command = commands.find(({ words }) => words.every((word, index) => typed[index] === word));
  if (command === undefined) throw new KhienError('USAGE', `there is no command: ${typed.join(' ')}`);
  const operands = typed.slice(command.words.length);
  const unknown = [...switches].find((name) => !command.switches?.includes(name));
  if (operands.length !== command.operands.length || unknown !== undefined) {
    throw new KhienError('USAGE', `it is used so:\n${helpOf(command)}`);
  }
  return { command, operands };
}

/** The operand at this place; `findCommand` has seen that it is there. */
export function operandAt(operands: readonly string[], index: number): string {
  const operand = operands[index];
  if (operand === undefined) throw new KhienError('USAGE', `operand ${index + 1} is missing`);
  return operand;
}
