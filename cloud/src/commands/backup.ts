import { mkdirSync } from 'node:fs';
import { readBackupFile, writeBackupFile } from '../backup/file.ts';
import { restore } from '../backup/restore.ts';
import { backupLines, type Progress } from '../backup/write.ts';
import { storeLocation } from '../config.ts';
import { openUnchanged } from '../store/open.ts';
import { type Command, operandAt } from './command.ts';

const tellTables: Progress = (table, rows) => {
  if (rows > 0) process.stderr.write(`${table}: ${rows}\n`);
};

export const backup: Command = {
  words: ['backup'],
  operands: ['FILE'],
  help: [
    'writes all that the database holds to a new file, while the cloud runs. It holds the',
    'keys of the cloud and what families entrusted to it: keep it as you keep those',
  ],
  async run(config, operands) {
    const file = operandAt(operands, 0);
    const store = openUnchanged(storeLocation(config));
    try {
      await writeBackupFile(file, backupLines(store, Date.now(), tellTables));
    } finally {
      await store.close();
    }
    process.stdout.write(`${file} is written\n`);
  },
};

export const restoring: Command = {
  words: ['restore'],
  operands: ['FILE'],
  help: [
    'fills an empty database, embedded or PostgreSQL, with a backup of either. Stop the',
    'cloud before. Lists are not in it: publish them again',
  ],
  async run(config, operands) {
    const file = operandAt(operands, 0);
    mkdirSync(config.data, { recursive: true, mode: 0o700 });
    const rows = await restore(storeLocation(config), readBackupFile(file), tellTables);
    process.stdout.write(`restored ${rows} rows\n`);
  },
};
