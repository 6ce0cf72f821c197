import type { Expected } from './oracle.ts';

export type Place = 'resolver' | 'responder';

/**
 * - `bypass` a blocked name reached the resolver
 * - `unchecked` what is no plain query reached the resolver
 * - `lost` nobody got it
 * - `needless` a plain query for a free name was brought to the responder
 * - `changed` a message arrived that nobody sent
 * - `leaked` a packet left the home
 */
export type Problem = 'bypass' | 'unchecked' | 'lost' | 'needless' | 'changed' | 'leaked';

export interface Finding {
  readonly problem: Problem;
  readonly message: string;
  readonly envelope: string;
  /** What was sent. */
  readonly frames: readonly Buffer[];
  /** What arrived, or should have. */
  readonly payload: Buffer;
}

export interface Counts {
  sent: number;
  resolver: number;
  responder: number;
  /** At the resolver, and neither blocked nor surely plain. */
  doubtful: number;
  /** Not arrived, as RFCs allow. */
  dropped: number;
  lost: number;
}

/** What became of all messages, by the class of the message and by that of its envelope. */
export class Tally {
  /** More findings than anybody reads. */
  static readonly most = 1000;
  readonly messages = new Map<string, Counts>();
  readonly envelopes = new Map<string, Counts>();
  readonly findings: Finding[] = [];
  /** Sent again, because the machine may lose packets when it is busy. */
  repeated = 0;

  sent(message: string, envelope: string): void {
    for (const counts of this.#both(message, envelope)) counts.sent++;
  }

  arrived(message: string, envelope: string, at: Place, expected: Expected): void {
    for (const counts of this.#both(message, envelope)) {
      counts[at]++;
      if (at === 'resolver' && expected === 'either') counts.doubtful++;
    }
  }

  lost(message: string, envelope: string, mustArrive: boolean): void {
    for (const counts of this.#both(message, envelope)) counts[mustArrive ? 'lost' : 'dropped']++;
  }

  found(finding: Finding): void {
    this.findings.push(finding);
  }

  leaked(frame: Buffer): void {
    this.found({
      problem: 'leaked',
      message: 'any',
      envelope: 'any',
      frames: [frame],
      payload: Buffer.alloc(0),
    });
  }

  #both(message: string, envelope: string): Counts[] {
    return [countsOf(this.messages, message), countsOf(this.envelopes, envelope)];
  }
}

function countsOf(map: Map<string, Counts>, name: string): Counts {
  let counts = map.get(name);
  if (counts === undefined) {
    counts = { sent: 0, resolver: 0, responder: 0, doubtful: 0, dropped: 0, lost: 0 };
    map.set(name, counts);
  }
  return counts;
}
