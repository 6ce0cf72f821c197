import { expect, it } from 'vitest';
import { household, idOf } from '../enforce/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import { childStandingSchema, childStandings, standingText } from './child-standing.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const week = (minutes: number) => Array.from({ length: 7 }, () => minutes);

it('says of each child in one line how its network is, until when, and what is left of its quotas', () => {
  const { policy, contacts } = household({
    children: {
      an: {
        quotas: [
          { id: idOf('q1'), of: { kind: 'network' }, minutes: week(60) },
          { id: idOf('q2'), of: { kind: 'category', id: 'games' }, minutes: week(1440) },
        ],
      },
      binh: { pause: { since: 0, until: null } },
    },
  });
  const standings = childStandings(new InForce(policy, contacts), () => 20.5, NOON);
  expect(standings.map((each) => standingText(childStandingSchema.parse(each)))).toEqual([
    'open until 2026-11-21 12:39 (free); network 20 min used, 40 left; category games 20 min used, no limit',
    'off (pause)',
  ]);
});
