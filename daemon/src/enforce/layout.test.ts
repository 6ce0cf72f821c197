import { createHash } from 'node:crypto';
import type { Rule } from 'node-nftables';
import { describe, expect, it } from 'vitest';
import { accessRules, portRules } from './access-table.ts';
import { CLASSIFIER_LAYOUT, classifierRules } from './classifier.ts';
import { forwardHookRules } from './forward-hooks.ts';
import { POLICY_LAYOUT, policyRules, profileRules } from './policy-table.ts';
import {
  interfaceRules,
  SERVICES_LAYOUT,
  serviceForwardRules,
  serviceProfileRules,
  servicesRules,
} from './services-table.ts';

/** What identifies rules, whatever their order of fields. */
function digest(rules: Iterable<Rule>): string {
  const text = Array.from(rules, ({ chain, expressions, comment }) =>
    JSON.stringify([chain.name, expressions, comment], (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value,
    ),
  );
  return createHash('sha256').update(text.join('\n')).digest('hex').slice(0, 16);
}

describe('tables that a former version left are kept by their layout number, so', () => {
  it('the classifier’s rules change only with theirs', () => {
    expect([CLASSIFIER_LAYOUT, digest(classifierRules())]).toEqual([7, 'e3665f6657e4b76f']);
  });

  it('the rules of policy and access change only with theirs', () => {
    const rules = [
      ...policyRules(),
      ...profileRules('PROFILE', 0x8000_0001),
      ...forwardHookRules('closed'),
      ...accessRules(),
      ...portRules('lan1'),
    ];
    expect([POLICY_LAYOUT, digest(rules)]).toEqual([16, '3de422c72330f9aa']);
  });

  it('the rules of services by address change only with theirs', () => {
    const rules = [
      ...serviceForwardRules(['br-lan']),
      ...interfaceRules(['br-lan']),
      ...servicesRules(),
      ...serviceProfileRules('PROFILE', true),
      ...serviceProfileRules('PROFILE', false),
    ];
    expect([SERVICES_LAYOUT, digest(rules)]).toEqual([4, 'c773490b9a07b9ff']);
  });
});

it('the classifier reaches each chain on one path', () => {
  const targets = [...classifierRules()].flatMap(({ expressions }) =>
    expressions.flatMap((expression) =>
      expression.kind === 'verdict' && 'chain' in expression.verdict ? [expression.verdict.chain] : [],
    ),
  );
  const chains = targets.filter((chain) => chain !== 'undecided');
  expect(new Set(chains).size).toBe(chains.length);
  expect(chains).toHaveLength(63);
});
