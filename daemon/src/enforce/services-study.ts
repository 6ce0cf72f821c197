import { type Expression, expr, goto, type Rule, register } from 'node-nftables';
import type { IpVersion } from './packet-match.ts';
import { protocolIs } from './packet-match.ts';
import {
  addressIn,
  beginsConnection,
  isNotTcp,
  loadAddress,
  loadMac,
  r0,
  versionIs,
} from './services-match.ts';
import {
  ADDRESS_HOLDS,
  chain,
  narrowAddresses,
  profileChain,
  REMEMBERED,
  strayTries,
  studyAddresses,
  versions,
} from './services-sets.ts';

/**
 * The part of the table of services that closes addresses in study mode: what a profile's devices send passes to addresses
 * that answers to names of study have opened, and nowhere else, whatever conntrack knows of it.
 */

/** What is sent where nothing is open to a device that studies. */
export const stray = chain('stray');

/** The comments under which `status` finds the counter, and the next run what a profile's chain is like. */
export const countedStray = 'not of study by address refused';
const STUDIES = 'only what study needs';

/** The register behind an address and a protocol. */
const behind = {
  ip: { protocol: register(1), port: register(2) },
  ip6: { protocol: register(4), port: register(5) },
} as const;

/** In the chain of a profile that studies, before what is refused: what is of study too is left to names. */
export function passRule(profile: string, version: IpVersion, sent: string): Rule {
  const open = studyAddresses(profile)[version];
  return {
    chain: profileChain(profile),
    expressions: [
      ...addressIn('destination', version, open),
      // What is in use stays open, also with nobody there who learns.
      expr.dynset('update', r0, open.name, { timeout: ADDRESS_HOLDS }),
      expr.verdict(goto(sent)),
    ],
  };
}

/** At the end of it. */
export function closingRule(profile: string): Rule {
  return { chain: profileChain(profile), expressions: [expr.verdict(goto(stray.name))], comment: STUDIES };
}

export function isClosing({ comment }: { readonly comment?: string | undefined }): boolean {
  return comment === STUDIES;
}

/** The chain `stray`, behind what is for the home's own interfaces. */
export function* strayRules(sent: string): Generator<Rule> {
  for (const version of versions) {
    yield {
      chain: stray,
      expressions: [
        ...versionIs(version),
        loadAddress('destination', version, r0),
        expr.meta('l4proto', behind[version].protocol),
        expr.payload('transport', 2, 2, behind[version].port),
        expr.lookup(r0, narrowAddresses[version].name),
        expr.verdict(goto(sent)),
      ],
    };
  }
  const remember: Expression[] = [
    ...loadMac(),
    expr.dynset('update', r0, strayTries.name, { timeout: REMEMBERED, counter: true }),
  ];
  yield { chain: stray, expressions: [...beginsConnection(), ...remember] };
  yield { chain: stray, expressions: [...isNotTcp(), ...remember] };
  yield {
    chain: stray,
    expressions: [...protocolIs('tcp'), expr.counter, expr.reject('tcp reset')],
    comment: countedStray,
  };
  yield {
    chain: stray,
    expressions: [expr.counter, expr.reject('admin prohibited')],
    comment: countedStray,
  };
}
