import { describe, expect, test } from 'vitest';
import { conditionOf, deliveryTo, LATE } from './delivery.ts';

const router = {
  model: 'x',
  online: true,
  lastSeenAt: 1,
  daemon: '1.0.0',
  timeSource: 'ntp' as const,
  enforcement: 'enforcing' as string | null,
  policyInForce: 5 as number | null,
  policyWanted: 5,
  lists: null,
  refusal: null as { code: string; at: number } | null,
};
const behind = { ...router, policyInForce: 4 };
const refused = { ...behind, refusal: { code: 'DOCUMENT_INVALID', at: 1 } };

describe('how far a change has come', () => {
  test.each([
    ['nobody to apply it', [], 0, 'noRouter'],
    ['in force', [router], 0, 'done'],
    ['a newer one in force', [{ ...router, policyInForce: 6 }], 0, 'done'],
    ['on its way', [behind], 0, 'waiting'],
    ['never reported', [{ ...router, policyInForce: null }], 0, 'waiting'],
    ['no word for long', [behind], LATE + 1, 'late'],
    ['router away', [{ ...behind, online: false }], LATE + 1, 'offline'],
    ['refused', [refused], 0, 'refused'],
    ['one of two is behind', [router, behind], 0, 'waiting'],
    ['one of two is away', [router, { ...behind, online: false }], 0, 'offline'],
    ['refused once, in force now', [{ ...refused, policyInForce: 5 }], 0, 'done'],
  ])('%s', (_case, routers, waited, expected) => {
    expect(deliveryTo(routers, waited)).toBe(expected);
  });
});

describe('the condition of a router', () => {
  test.each([
    ['all is well', router, 0, 'protecting'],
    ['a change is on its way', behind, 0, 'applying'],
    ['and does not arrive', behind, LATE + 1, 'late'],
    ['and is refused', refused, 0, 'refused'],
    ['away', { ...refused, online: false }, 0, 'offline'],
    ['before the first report', { ...router, enforcement: null }, 0, 'starting'],
    ['before the first policy', { ...router, enforcement: 'ENFORCE_NOTHING' }, 0, 'starting'],
    ['cannot enforce', { ...router, enforcement: 'ENFORCE_REFUSED' }, 0, 'hindered'],
  ])('%s', (_case, state, waited, expected) => {
    expect(conditionOf(state, waited)).toBe(expected);
  });
});
