import { createHash } from 'node:crypto';
import type { Transaction } from 'node-nftables';
import { describe, expect, it } from 'vitest';
import { accessTable, addAccessTable, portChain, portRules } from './access-table.ts';
import { networks, places } from './bypass-sets.ts';
import {
  addClassifier,
  addClassifierMaps,
  CLASSIFIER_LAYOUT,
  classifierRules,
  enterClassifier,
} from './classifier.ts';
import { recorded } from './fixture/recorded-transaction.ts';
import { writeForwardHooks } from './forward-hooks.ts';
import { emptyPolicy } from './held.ts';
import { addPolicyTable, POLICY_LAYOUT, profileRules } from './policy-table.ts';
import {
  addProfile,
  addServicesTable,
  SERVICES_LAYOUT,
  writeForward,
  writeInterfaces,
} from './services-table.ts';
import { quarantineRules, strangersOf } from './strangers.ts';

/** Identifies tables, sets, chains with their hooks and priorities, elements and rules. */
function digest(fill: (transaction: Transaction) => void): string {
  const lines = recorded(fill)
    .filter(({ given: [set] }) => !ofTheCatalogue.has(set))
    .map((change) =>
      JSON.stringify(change, (_, value) =>
        value?.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value,
      ),
    );
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** What is in these is part of a policy's revision. */
const ofTheCatalogue = new Set<unknown>([...Object.values(places), ...Object.values(networks)]);

describe('tables that a former version left are kept by their layout number, so', () => {
  it('the classifier changes only with its own', () => {
    const classifier = (transaction: Transaction) => {
      addClassifier(transaction);
      addClassifierMaps(transaction, new Map());
      for (const rule of classifierRules()) transaction.addRule(rule);
      enterClassifier(transaction, 'scan');
    };
    expect([CLASSIFIER_LAYOUT, digest(classifier)]).toEqual([8, '9d3a6408a7d26777']);
  });

  it('policy and access change only with theirs', () => {
    const tables = (transaction: Transaction) => {
      addPolicyTable(transaction);
      addAccessTable(transaction);
      transaction.addChain(portChain('lan1'));
      writeForwardHooks(transaction, emptyPolicy, { ...emptyPolicy, known: [] });
      for (const rule of [
        ...portRules('lan1'),
        ...profileRules('PROFILE', 0x8000_0001),
        ...quarantineRules(strangersOf(accessTable), ['br-lan']),
      ])
        transaction.addRule(rule);
    };
    expect([POLICY_LAYOUT, digest(tables)]).toEqual([17, '5726873c0b4734bd']);
  });

  it('that of services by address changes only with its own', () => {
    const services = (transaction: Transaction) => {
      addServicesTable(transaction);
      writeInterfaces(transaction, ['br-lan']);
      writeForward(transaction, ['br-lan'], { flush: false });
      addProfile(transaction, 'PLAYS', false);
      addProfile(transaction, 'STUDIES', true);
    };
    expect([SERVICES_LAYOUT, digest(services)]).toEqual([4, '75e8389db1ac6bcf']);
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
  expect(chains).toHaveLength(62);
});
