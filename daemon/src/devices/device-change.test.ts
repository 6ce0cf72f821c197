import { describe, expect, it } from 'vitest';
import { learnTraits, type TraitHistory, type Traits } from './device-change.ts';
import { PortMoves } from './port-moves.ts';

const NOW = Date.UTC(2026, 10, 21, 20);
const HOUR = 3_600_000;
const laptop: TraitHistory = { hostname: 'may-cua-me', fingerprint: 'aaaaaaaa', former: null };

/** What is told of an address that tells these one after the other, an hour apart. */
function told(...traits: Partial<Traits>[]): (readonly string[])[] {
  let history = laptop;
  return traits.map((each, index) => {
    const { after, evidence } = learnTraits(
      history,
      { hostname: 'may-cua-me', fingerprint: 'aaaaaaaa', ...each },
      NOW + index * HOUR,
    );
    history = after;
    return evidence;
  });
}

describe('an address that is known', () => {
  it('may have another name, or another system after an update', () => {
    expect(told({ hostname: 'may-cua-bo' }, { hostname: 'may-cua-bo' })).toEqual([[], []]);
    expect(
      told({ fingerprint: 'bbbbbbbb' }, { fingerprint: 'bbbbbbbb' }, { fingerprint: 'cccccccc' }),
    ).toEqual([[], [], []]);
  });

  it('has not both at once: then something else uses it', () => {
    expect(told({ hostname: 'may-cua-an', fingerprint: 'bbbbbbbb' })).toEqual([['hostname', 'fingerprint']]);
  });

  it('does not change back and forth: then two use it in turns', () => {
    expect(told({ fingerprint: 'bbbbbbbb' }, {})).toEqual([[], ['fingerprint']]);
    expect(told({ hostname: 'may-cua-an' }, {})).toEqual([[], ['hostname']]);
  });

  it('may go back to an old system much later', () => {
    const { after } = learnTraits(laptop, { hostname: null, fingerprint: 'bbbbbbbb' }, NOW);
    expect(learnTraits(after, laptop, NOW + 25 * HOUR).evidence).toEqual([]);
  });

  it('has not changed where it tells nothing, or where nothing was known', () => {
    expect(told({ hostname: null, fingerprint: null }, { fingerprint: null })).toEqual([[], []]);
    const unknown = { hostname: null, fingerprint: null, former: null };
    const { after, evidence } = learnTraits(unknown, laptop, NOW);
    expect([after, evidence]).toEqual([laptop, []]);
  });
});

describe('an address that comes in by two ports', () => {
  const mac = '3c:22:fb:10:20:30';
  it('is in two places when it moves with every look', () => {
    const moves = new PortMoves();
    const seen = Array.from({ length: 20 }, (_, look) => {
      const now = NOW + look * 2000;
      return moves.at(mac, look % 2, now - 10, now);
    });
    expect(seen.indexOf(true)).toBe(4);
  });

  it('is so, too, when it stays longer and moves eight times within a minute', () => {
    const moves = new PortMoves();
    const seen = Array.from({ length: 30 }, (_, look) => {
      const now = NOW + look * 2000;
      return moves.at(mac, Math.floor(look / 3) % 2, now, now);
    });
    expect(seen.filter(Boolean)).toHaveLength(1);
    expect(seen.indexOf(true)).toBe(24);
  });

  it('walks about where it does so now and then', () => {
    const moves = new PortMoves();
    for (let look = 0; look < 1000; look++) {
      const now = NOW + look * 2000;
      expect(moves.at(mac, Math.floor(look / 6) % 2, now - 500, now)).toBe(false);
    }
  });

  it('is in two places when somebody else sends single frames in its name while it sleeps', () => {
    const moves = new PortMoves();
    const HOUR = 3_600_000;
    let now = NOW;
    const look = (port: number, heard: number, looks: number): boolean[] =>
      Array.from({ length: looks }, () => {
        now += 2000;
        return moves.at(mac, port, heard, now);
      });
    look(1, now, 10);
    expect(look(2, now + 1000, 30)).not.toContain(true);
    expect(look(1, now + 1000, 30)).not.toContain(true);
    look(2, now + 1000, 30);
    expect(look(1, now + 1000, 1)).toEqual([true]);
    // A phone that changes its mind now and then is not.
    for (let day = 0; day < 20; day++) {
      now += 2 * HOUR;
      expect(look(2, now + 1000, 10)).not.toContain(true);
      expect(look(1, now + 1000, 10)).not.toContain(true);
    }
  });

  it('is counted for a bounded number of addresses', () => {
    const moves = new PortMoves();
    for (let n = 0; n < 5000; n++) moves.at(`02:00:00:00:${n >> 8}:${n & 255}`, 1, NOW, NOW);
    expect(moves.at(mac, 1, NOW, NOW)).toBe(false);
  });
});
