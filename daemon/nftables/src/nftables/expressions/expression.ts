import type { AttributeWriter } from '../../netlink/attribute-writer.ts';
import {
  type Bitwise,
  type Immediate,
  type Shift,
  type VerdictExpression,
  writeBitwise,
  writeImmediate,
  writeShift,
  writeVerdictExpression,
} from './compute.ts';
import { type Cmp, type Lookup, type Range, writeCmp, writeLookup, writeRange } from './match.ts';
import { writeNamed } from './named.ts';
import {
  type Ct,
  type Meta,
  type MetaSet,
  type Payload,
  type PayloadSet,
  writeCt,
  writeMeta,
  writeMetaSet,
  writePayload,
  writePayloadSet,
} from './packet.ts';
import {
  type Counter,
  type Dynset,
  type Limit,
  type Log,
  type Masquerade,
  type Notrack,
  type Redirect,
  type Reject,
  writeDynset,
  writeLimit,
  writeLog,
  writeRedirect,
  writeReject,
} from './statement.ts';

/** One step of a rule: plain data, encoded by `writeExpression`. */
export type Expression =
  | Payload
  | PayloadSet
  | Meta
  | MetaSet
  | Ct
  | Immediate
  | VerdictExpression
  | Bitwise
  | Shift
  | Cmp
  | Range
  | Lookup
  | Counter
  | Dynset
  | Limit
  | Redirect
  | Masquerade
  | Reject
  | Log
  | Notrack;

/** Writes an expression's name and attributes; the names are those of the kernel's nft_expr_type. */
export function writeExpression(writer: AttributeWriter, expression: Expression): void {
  switch (expression.kind) {
    case 'payload':
      writeNamed(writer, 'payload', () => writePayload(writer, expression));
      break;
    case 'payload set':
      writeNamed(writer, 'payload', () => writePayloadSet(writer, expression));
      break;
    case 'meta':
      writeNamed(writer, 'meta', () => writeMeta(writer, expression));
      break;
    case 'meta set':
      writeNamed(writer, 'meta', () => writeMetaSet(writer, expression));
      break;
    case 'ct':
      writeNamed(writer, 'ct', () => writeCt(writer, expression));
      break;
    case 'immediate':
      writeNamed(writer, 'immediate', () => writeImmediate(writer, expression));
      break;
    case 'verdict':
      writeNamed(writer, 'immediate', () => writeVerdictExpression(writer, expression));
      break;
    case 'bitwise':
      writeNamed(writer, 'bitwise', () => writeBitwise(writer, expression));
      break;
    case 'shift':
      writeNamed(writer, 'bitwise', () => writeShift(writer, expression));
      break;
    case 'cmp':
      writeNamed(writer, 'cmp', () => writeCmp(writer, expression));
      break;
    case 'range':
      writeNamed(writer, 'range', () => writeRange(writer, expression));
      break;
    case 'lookup':
      writeNamed(writer, 'lookup', () => writeLookup(writer, expression));
      break;
    case 'dynset':
      writeNamed(writer, 'dynset', () => writeDynset(writer, expression));
      break;
    case 'limit':
      writeNamed(writer, 'limit', () => writeLimit(writer, expression));
      break;
    case 'redir':
      writeNamed(writer, 'redir', () => writeRedirect(writer, expression));
      break;
    case 'reject':
      writeNamed(writer, 'reject', () => writeReject(writer, expression));
      break;
    case 'log':
      writeNamed(writer, 'log', () => writeLog(writer, expression));
      break;
    case 'counter':
    case 'masq':
    case 'notrack':
      writeNamed(writer, expression.kind);
  }
}
