import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import type { Attributes } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { checkName } from './name.ts';

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

// linux/netfilter.h and enum nft_verdicts
const codes = { drop: 0, accept: 1, continue: -1, jump: -3, goto: -4, return: -5 } as const;

const attribute = { code: 1, chain: 2 } as const;

export const accept: Verdict = { kind: 'accept' };
export const drop: Verdict = { kind: 'drop' };
/** Back to the calling chain; in a base chain, the policy. */
export const returnVerdict: Verdict = { kind: 'return' };
/** The next rule: what a verdict map says for "no decision". */
export const continueVerdict: Verdict = { kind: 'continue' };

export const jump = (chain: string): Verdict => ({ kind: 'jump', chain });
export const goto = (chain: string): Verdict => ({ kind: 'goto', chain });

export function writeVerdict(writer: AttributeWriter, type: number, verdict: Verdict): void {
  writer.nest(type, () => {
    writer.u32(attribute.code, codes[verdict.kind]);
    if ('chain' in verdict) writer.string(attribute.chain, checkName(verdict.chain));
  });
}

export function parseVerdict(attributes: Attributes): Verdict {
  const code = attributes.i32(attribute.code);
  const chain = attributes.string(attribute.chain);
  switch (code) {
    case codes.accept:
      return accept;
    case codes.drop:
      return drop;
    case codes.continue:
      return continueVerdict;
    case codes.return:
      return returnVerdict;
    case codes.jump:
      return jump(attributes.required(chain, 'the chain of a jump'));
    case codes.goto:
      return goto(attributes.required(chain, 'the chain of a goto'));
    default:
      throw new NetlinkError('EBADMSG', `malformed netlink reply: verdict ${code}`);
  }
}
