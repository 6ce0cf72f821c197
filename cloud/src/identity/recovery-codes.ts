import { createHash, randomBytes } from 'node:crypto';
import type { Id, Instant } from '@khien/shared/id';
import type { Db } from '../store/open.ts';
import type { Security } from './schema.ts';

export const RECOVERY_CODES = 10;
/** 80 random bits: with them alone an account is found, so no email is asked beside it. */
const LENGTH = 16;
/** Crockford's base 32 (crockford.com/base32.html): nothing in it looks like something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Four groups of four, such as `7K2M-Q9XD-04TV-HC8B`. */
function makeCode(): string {
  const characters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]);
  return characters.join('').replace(/(.{4})(?!$)/g, '$1-');
}

/** However it is typed: small or capital letters, O for 0, I or L for 1, with or without hyphens. */
function hashOf(typed: string): string {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return createHash('sha256').update(code).digest('hex');
}

/** New codes in place of all earlier ones. They are in no store: this is the one time that they are told. */
export async function replaceRecoveryCodes(db: Db, account: Id, now: Instant): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeCode);
  await db.deleteFrom('recovery_code').where('account', '=', account).execute();
  await db
    .insertInto('recovery_code')
    .values(codes.map((code) => ({ hash: hashOf(code), account, created_at: now })))
    .execute();
  return codes;
}

/** The account of a code, which is gone with this: undefined for one that is wrong or was used. */
export async function spendRecoveryCode(db: Db, typed: string): Promise<Id | undefined> {
  const spent = await db
    .deleteFrom('recovery_code')
    .where('hash', '=', hashOf(typed))
    .returning('account')
    .executeTakeFirst();
  return spent?.account;
}

/** Null for an account that has never made any, or has used them all. */
export async function recoveryCodesOf(db: Db, account: Id): Promise<Security['recoveryCodes']> {
  const rows = await db
    .selectFrom('recovery_code')
    .select('created_at')
    .where('account', '=', account)
    .execute();
  const [first] = rows;
  return first === undefined ? null : { left: rows.length, createdAt: first.created_at };
}
