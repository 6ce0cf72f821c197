import { ednsClasses } from './edns-classes.ts';
import { headerClasses } from './header-classes.ts';
import type { MessageClass } from './message-class.ts';
import { nameClasses } from './name-classes.ts';
import { mutated, structureClasses } from './structure-classes.ts';

export type { MessageClass } from './message-class.ts';

export const messageClasses: readonly MessageClass[] = [
  ...nameClasses,
  ...ednsClasses,
  ...headerClasses,
  ...structureClasses,
  mutated,
];
