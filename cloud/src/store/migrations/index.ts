import type { Migrations } from '../migrate.ts';
import * as tables from './0001-tables.ts';
import * as quotasAndDevices from './0002-quotas-and-devices.ts';

/** A published migration is never edited, a later one corrects it. */
export const migrations: Migrations = {
  '0001-tables': tables,
  '0002-quotas-and-devices': quotasAndDevices,
};
