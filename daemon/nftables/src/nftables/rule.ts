import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import type { ChainRef } from './chain.ts';
import { type Counters, parseCounter } from './counters.ts';
import { type Expression, writeExpression } from './expressions/expression.ts';
import { checkName } from './name.ts';
import { familyName } from './protocol.ts';
import { commentType, decodeComment, encodeComment } from './userdata.ts';

export interface Rule {
  readonly chain: ChainRef;
  readonly expressions: readonly Expression[];
  readonly comment?: string;
}

export interface RuleRef {
  readonly chain: ChainRef;
  /** The kernel's number for the rule, unique in its table. */
  readonly handle: number;
}

export interface RuleInfo extends RuleRef {
  readonly comment: string | undefined;
  /** What its counters counted, in the order they stand in the rule. */
  readonly counters: readonly Counters[];
}

const attribute = { table: 1, chain: 2, handle: 3, expressions: 4, userdata: 7 } as const;
const LIST_ELEMENT = 1;

export function writeRule(writer: AttributeWriter, rule: Rule): void {
  writeRulesOf(writer, rule.chain);
  writer.nest(attribute.expressions, () => {
    for (const expression of rule.expressions) {
      writer.nest(LIST_ELEMENT, () => writeExpression(writer, expression));
    }
  });
  if (rule.comment !== undefined) {
    writer.bytes(attribute.userdata, encodeComment(commentType.rule, rule.comment));
  }
}

/** Names all rules of a chain, as deletes and dumps do. */
export function writeRulesOf(writer: AttributeWriter, chain: ChainRef): void {
  writer.string(attribute.table, checkName(chain.table.name));
  writer.string(attribute.chain, checkName(chain.name));
}

export function writeRuleRef(writer: AttributeWriter, rule: RuleRef): void {
  writeRulesOf(writer, rule.chain);
  writer.u64(attribute.handle, rule.handle);
}

export function parseRule(payload: Buffer): RuleInfo {
  const header = readGenericHeader(payload);
  const attributes = new Attributes(header.attributes);
  const table = attributes.required(attributes.string(attribute.table), 'the table of a rule');
  return {
    chain: {
      table: { family: familyName(header.family), name: table },
      name: attributes.required(attributes.string(attribute.chain), 'the chain of a rule'),
    },
    handle: attributes.required(attributes.u64(attribute.handle), 'the handle of a rule'),
    comment: decodeComment(commentType.rule, attributes.bytes(attribute.userdata)),
    counters: attributes.list(attribute.expressions).flatMap((expression) => parseCounter(expression) ?? []),
  };
}
