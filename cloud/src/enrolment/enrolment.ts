import { createHash, randomBytes } from 'node:crypto';
import {
  claimCodeFrom,
  type EnrolmentGrant,
  type EnrolmentRequest,
  type enrolmentPollErrors,
  type Identity,
  isLongClaimCode,
  normaliseClaimCode,
  type RenewalRequest,
  verifyEnrolment,
  verifyRenewal,
} from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import type { Authority } from '../authority/authority.ts';
import { invalidInput } from '../http/problem.ts';
import type { Enrolment } from '../ports.ts';
import type { Store, Trx } from '../store/open.ts';
import type { EnrolmentTable } from '../store/tables.ts';
import { parseRouterKey } from './public-key.ts';
import * as stock from './stock.ts';

const MINUTE = 60_000;
/** How long a claim code waits for a parent. */
const CLAIM_TIME = 30 * MINUTE;
/** How long a router may fetch what a claim made it, also again where the answer was lost. */
const FETCH_TIME = 24 * 60 * MINUTE;
/** How long an expired code is remembered, so that a parent is told that it expired. */
const REMEMBERED = 60 * MINUTE;
/** Seconds between polls. A poll may come a second early: the router's timer and the network are not exact. */
const INTERVAL = 5;
const EARLY = 1;
/**
 * How long after its end a certificate still renews itself, milliseconds: a router may have lain in a cupboard for a year.
 * What lay longer is claimed again.
 */
const RENEWED_LATE = 365 * 24 * 60 * MINUTE;
/** Claim codes that may wait at once; it bounds the table, and with it the chance of a guessed code. */
const MAX_OPEN = 20_000;

export type PollError = (typeof enrolmentPollErrors)[number];

export interface RouterEnrolmentDeps {
  readonly store: Store;
  readonly authority: Authority;
  readonly documentKeys: Identity['documentKeys'];
  /** mqtts://host:port, as routers reach the edge. */
  readonly mqttUrl: string;
  /** Where parents enter the code. */
  readonly verificationUri: string;
  readonly now: () => Instant;
}

/**
 * Takes routers in, by the device authorization grant (RFC 8628): a router asks for a code, a parent enters it, the
 * router fetches its identity.
 *
 * A router whose key is enrolled already (its certificate was lost, or it was reset and kept its key) asks like any other,
 * and a parent must claim it again: whoever holds the key is the router, but only a parent decides that it serves their
 * home. In the same household it stays the router it was. Another household cannot take it over until its own has
 * removed it, so that a child cannot move the family's router to an account of their own.
 */
export class RouterEnrolment implements Enrolment {
  readonly #deps: RouterEnrolmentDeps;

  constructor(deps: RouterEnrolmentDeps) {
    this.#deps = deps;
  }

  /**
   * A new pair of codes for a router. It replaces those it had; when they were claimed and the identity not fetched yet,
   * the claim holds for the new ones. `at` of the request is not held against the clock: a new router may be in 1970.
   *
   * @throws KhienError `INVALID_INPUT` where the key or the proof of its possession is not good, `KEY_REVOKED`,
   *   `TOO_MANY_REQUESTS`
   */
  async open(request: EnrolmentRequest): Promise<EnrolmentGrant> {
    const key = parseRouterKey(request.publicKey);
    if (key === undefined) throw invalidInput('/publicKey', 'not a P-256 public key');
    if (!verifyEnrolment(request, key.key)) throw invalidInput('/signature', 'does not fit the public key');

    if (await stock.isRevoked(this.#deps.store.db, key.spki)) {
      throw new KhienError('KEY_REVOKED', 'nothing is enrolled with this key any more');
    }
    const deviceCode = randomBytes(32).toString('base64url');
    const row = await this.#deps.store.transaction((trx) =>
      this.#replace(trx, {
        device_code_hash: hashOf(deviceCode),
        public_key: key.spki,
        model: request.model,
        daemon: request.daemon,
      }),
    );
    return {
      device_code: deviceCode,
      user_code: row.user_code,
      verification_uri: this.#deps.verificationUri,
      expires_in: Math.max(1, Math.floor((row.expires_at - this.#deps.now()) / 1000)),
      interval: INTERVAL,
    };
  }

  /** The identity once a parent has claimed the router, or why not yet or not any more (RFC 8628 §3.5). */
  async poll(deviceCode: string): Promise<Identity | PollError> {
    const { store } = this.#deps;
    const now = this.#deps.now();
    const row = await store.db
      .selectFrom('enrolment')
      .selectAll()
      .where('device_code_hash', '=', hashOf(deviceCode))
      .executeTakeFirst();
    if (row === undefined || row.expires_at <= now) return 'expired_token';
    if (row.router !== null) return this.#identity(row.router, row.public_key);
    const known = await this.#knownByKey(row.public_key);
    if (known !== undefined) return known;

    await store.db
      .updateTable('enrolment')
      .set({ polled_at: now })
      .where('device_code_hash', '=', row.device_code_hash)
      .execute();
    const early = row.polled_at !== null && now - row.polled_at < (INTERVAL - EARLY) * 1000;
    return early ? 'slow_down' : 'authorization_pending';
  }

  /**
   * The next certificate of a router, which proves by its signature that it is the one it was issued to. What an old request
   * gets who repeats it is of no use without the key. `at` is not held against the clock.
   *
   * @throws KhienError `INVALID_INPUT`, `CERTIFICATE_TOO_OLD`, `ROUTER_UNKNOWN` for one that was removed or revoked
   */
  async renew(request: RenewalRequest): Promise<Identity> {
    const { authority, store } = this.#deps;
    const held = authority.readRouterCertificate(request.certificate);
    const key = held && parseRouterKey(held.publicKey);
    if (held === undefined || key === undefined) throw invalidInput('/certificate', 'not of this cloud');
    if (!verifyRenewal(request, key.key)) throw invalidInput('/signature', 'does not fit the certificate');
    if (held.expiresAt + RENEWED_LATE < this.#deps.now()) {
      throw new KhienError('CERTIFICATE_TOO_OLD', 'the certificate expired too long ago');
    }
    const row = await store.db
      .selectFrom('router')
      .select('public_key')
      .where('id', '=', held.router)
      .executeTakeFirst();
    if (row?.public_key === key.spki) return this.#identity(held.router, key.spki);
    if (row === undefined && (await stock.isWaiting(store.db, held.router, key.spki))) {
      return { ...(await this.#identity(held.router, key.spki)), waiting: true };
    }
    throw new KhienError('ROUTER_UNKNOWN', 'the router was removed');
  }

  /**
   * Makes the router that shows this code, or on which it is printed, a member of the household. A code works once.
   *
   * @param name what the parent calls it; its model where that is left out
   * @throws KhienError `CLAIM_CODE_INVALID` (mistyped), `CLAIM_CODE_UNKNOWN`, `CLAIM_CODE_EXPIRED`,
   *   `ROUTER_ENROLLED_ELSEWHERE`
   */
  async claim(trx: Trx, household: Id, typedCode: string, name: string | undefined): Promise<Id> {
    const code = normaliseClaimCode(typedCode);
    if (code === undefined) throw new KhienError('CLAIM_CODE_INVALID', 'the claim code is mistyped');
    const now = this.#deps.now();
    if (isLongClaimCode(code)) return this.#claimKnown(trx, household, code, name);
    const row = await trx
      .selectFrom('enrolment')
      .selectAll()
      .where('user_code', '=', code)
      .executeTakeFirst();
    if (row === undefined || row.router !== null) {
      throw new KhienError('CLAIM_CODE_UNKNOWN', 'no router waits with this claim code');
    }
    if (row.expires_at <= now)
      throw new KhienError('CLAIM_CODE_EXPIRED', 'the claim code is no longer valid');

    const router = await this.#adopt(trx, household, row, name);
    const { numUpdatedRows } = await trx
      .updateTable('enrolment')
      .set({ router, expires_at: now + FETCH_TIME })
      .where('device_code_hash', '=', row.device_code_hash)
      .where('router', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw claimedMeanwhile();
    return router;
  }

  async #claimKnown(trx: Trx, household: Id, code: string, name: string | undefined): Promise<Id> {
    const known = await stock.findByCode(trx, code, this.#deps.now());
    if (known === undefined) throw new KhienError('CLAIM_CODE_UNKNOWN', 'no router has this claim code');
    return this.#adopt(trx, household, { ...known, daemon: null }, name);
  }

  /** The identity of a router whose key vouches for it, with or without a family; undefined where a parent must. */
  async #knownByKey(publicKey: string): Promise<Identity | undefined> {
    const { store } = this.#deps;
    const known = await stock.findByKey(store.db, publicKey);
    if (known === undefined) return undefined;
    await store.db
      .updateTable('stock')
      .set({ contacted_at: this.#deps.now() })
      .where('public_key', '=', publicKey)
      .execute();
    const row = await store.db
      .selectFrom('router')
      .select('id')
      .where('public_key', '=', publicKey)
      .executeTakeFirst();
    if (row !== undefined) return this.#identity(row.id, publicKey);
    return { ...(await this.#identity(known.router, publicKey)), waiting: true };
  }

  async #adopt(
    trx: Trx,
    household: Id,
    row: { public_key: string; model: string; daemon: string | null },
    name: string | undefined,
  ): Promise<Id> {
    // It may have been revoked while its code was made.
    if (await stock.isRevoked(trx, row.public_key)) {
      throw new KhienError('CLAIM_CODE_UNKNOWN', 'nothing is enrolled with this key any more');
    }
    const known = await trx
      .selectFrom('router')
      .select(['id', 'household', 'name'])
      .where('public_key', '=', row.public_key)
      .executeTakeFirst();
    if (known !== undefined && known.household !== household) {
      throw new KhienError('ROUTER_ENROLLED_ELSEWHERE', 'the router belongs to another household');
    }
    if (known !== undefined) {
      await trx
        .updateTable('router')
        .set({ name: name ?? known.name, model: row.model, enrolled_at: this.#deps.now() })
        .where('id', '=', known.id)
        .execute();
      return known.id;
    }
    const stocked = await stock.findByKey(trx, row.public_key);
    const id = stocked?.router ?? newId(this.#deps.now());
    if (stocked !== undefined) await stock.claimed(trx, stocked, this.#deps.now());
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('router')
      .values({
        id,
        household,
        name: name ?? row.model,
        model: row.model,
        public_key: row.public_key,
        enrolled_at: this.#deps.now(),
        daemon: row.daemon,
        isp: stocked?.isp ?? null,
      })
      .onConflict((conflict) => conflict.column('public_key').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw claimedMeanwhile();
    return id;
  }

  async #replace(
    trx: Trx,
    asked: Pick<EnrolmentTable, 'device_code_hash' | 'public_key' | 'model' | 'daemon'>,
  ): Promise<EnrolmentTable> {
    const now = this.#deps.now();
    await trx
      .deleteFrom('enrolment')
      .where('expires_at', '<', now - REMEMBERED)
      .execute();
    const before = await trx
      .selectFrom('enrolment')
      .select(['router', 'expires_at'])
      .where('public_key', '=', asked.public_key)
      .executeTakeFirst();
    await trx.deleteFrom('enrolment').where('public_key', '=', asked.public_key).execute();
    const { open } = await trx
      .selectFrom('enrolment')
      .select((rows) => rows.fn.countAll<number>().as('open'))
      .where('router', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow();
    if (Number(open) >= MAX_OPEN)
      throw new KhienError('TOO_MANY_REQUESTS', 'too many routers wait to be claimed');

    const claimed = before !== undefined && before.router !== null && before.expires_at > now;
    const row: EnrolmentTable = {
      ...asked,
      user_code: await freeClaimCode(trx),
      created_at: now,
      expires_at: claimed ? before.expires_at : now + CLAIM_TIME,
      polled_at: null,
      router: claimed ? before.router : null,
    };
    await trx.insertInto('enrolment').values(row).execute();
    return row;
  }

  async #identity(router: Id, publicKey: string): Promise<Identity> {
    const { authority, documentKeys, mqttUrl } = this.#deps;
    return {
      router,
      certificate: await authority.issueRouterCertificate(router, publicKey),
      renewAt: authority.renewAt(),
      authority: authority.certificate,
      mqttUrl,
      documentKeys,
    };
  }
}

/** A code nobody has: one that is in use is drawn again. */
async function freeClaimCode(trx: Trx): Promise<string> {
  for (;;) {
    const code = claimCodeFrom(randomBytes(7));
    const taken = await trx
      .selectFrom('enrolment')
      .select('user_code')
      .where('user_code', '=', code)
      .executeTakeFirst();
    if (taken === undefined) return code;
  }
}

function claimedMeanwhile(): KhienError {
  return new KhienError('CLAIM_CODE_UNKNOWN', 'somebody else claimed this router at the same moment');
}

function hashOf(deviceCode: string): string {
  return createHash('sha256').update(deviceCode).digest('hex');
}
