import {
  type ChainRef,
  type Expression,
  expr,
  goto,
  jump,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import { leavingDevices, withoutLease } from './bypass-sets.ts';
import { markedRule } from './captive-portal.ts';
import { concernsNobody, type HeldPolicy } from './held.ts';
import { hasEtherSource } from './packet-match.ts';
import { policyTable, refuse, strangers } from './policy-table.ts';

/**
 * The base chains of the policy table that every forwarded packet passes. Each costs a packet more than its rules do, so they
 * are there only while some device is managed or strangers are kept closed.
 */

const r0 = register(0);
const marked: ChainRef = { table: policyTable, name: 'marked' };
const forward: ChainRef = { table: policyTable, name: 'forward' };

/** Adds to a transaction what makes the chains of what they are. */
export function writeForwardHooks(transaction: Transaction, before: HeldPolicy, wanted: HeldPolicy): void {
  const [was, is] = [stateOf(before), stateOf(wanted)];
  if (was === is) return;
  if (was !== 'absent') transaction.flushChain(forward);
  if (is === 'absent') {
    transaction.flushChain(marked).deleteChain(marked).deleteChain(forward);
    return;
  }
  if (was === 'absent') {
    transaction.addChain({
      ...marked,
      base: { type: 'filter', hook: 'prerouting', priority: -90, policy: 'accept' },
    });
    transaction.addRule(markedRule(marked, refuse));
    transaction.addChain({
      ...forward,
      base: { type: 'filter', hook: 'forward', priority: -1, policy: 'accept' },
    });
  }
  for (const rule of forwardHookRules(is)) transaction.addRule(rule);
}

/** What is routed: one look-up tells who sends. Others end here, but where strangers are kept closed. */
export function* forwardHookRules(strangersAre: 'open' | 'closed'): Generator<Rule> {
  const when = (...then: Expression[]): Rule => ({
    chain: forward,
    expressions: [...hasEtherSource(), ...then],
  });
  yield when(expr.lookupVerdict(r0, leavingDevices.name));
  if (strangersAre === 'open') return;
  yield when(expr.verdict(jump(strangers.chain.name)));
  yield when(expr.verdict(goto(withoutLease.name)));
}

function stateOf(policy: HeldPolicy): 'absent' | 'open' | 'closed' {
  if (concernsNobody(policy)) return 'absent';
  return policy.known === null ? 'open' : 'closed';
}
