import { adminGrant, adminRevoke } from './admin.ts';
import { backup, restoring } from './backup.ts';
import type { Command } from './command.ts';
import { ispAdd } from './isp.ts';
import { listsPublish } from './lists-publish.ts';
import { routersImport, routersSign } from './routers.ts';

/** In the order of the help. */
export const commands: readonly Command[] = [
  listsPublish,
  backup,
  restoring,
  adminGrant,
  adminRevoke,
  ispAdd,
  routersSign,
  routersImport,
];
