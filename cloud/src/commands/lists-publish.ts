import { tableFolder } from '../server.ts';
import { type Command, operandAt } from './command.ts';

export const listsPublish: Command = {
  words: ['lists', 'publish'],
  operands: ['FILE'],
  help: [
    'checks a list that `khiend lists compile` made, and has every router fetch it; a cloud that',
    'runs with the same KHIEN_DATA notices by itself',
  ],
  async run(config, operands) {
    const { table } = await tableFolder(config.data).publish(operandAt(operands, 0));
    process.stdout.write(`published ${table.version}: ${table.bytes} bytes, sha256 ${table.sha256}\n`);
  },
};
