export { type Bitwise, bitwise, type Immediate, immediate, type Shift, shift, verdict } from './compute.ts';
export type { Expression } from './expression.ts';
export { type Cmp, cmp, type Lookup, lookup, lookupMap, lookupVerdict, type Range, range } from './match.ts';
export {
  ct,
  ctState,
  ctStatus,
  type MetaKey,
  meta,
  metaSet,
  type PayloadBase,
  payload,
  payloadSet,
} from './packet.ts';
export { counter, dynset, limit, log, masq, notrack, redir, reject } from './statement.ts';
