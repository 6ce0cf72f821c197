import { adminGrant, adminRevoke } from './admin.ts';
import { backup, restoring } from './backup.ts';
import type { Command } from './command.ts';
import { listsPublish } from './lists-publish.ts';

/** In the order of the help. */
export const commands: readonly Command[] = [listsPublish, backup, restoring, adminGrant, adminRevoke];
