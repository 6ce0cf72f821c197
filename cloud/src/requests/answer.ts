import { KhienError } from '@khien/shared/error';
import type { Id, Instant } from '@khien/shared/id';
import type { ZoneOffset } from '@khien/shared/policy';
import type { z } from 'zod';
import { giveMoreOf, giveMoreTime } from '../households/more-time.ts';
import { findProfile } from '../households/profiles.ts';
import { invalidInput } from '../http/problem.ts';
import type { Trx } from '../store/open.ts';
import { findRequest } from './requests.ts';
import type { answerSchema } from './schema.ts';

/**
 * Answers a child. Time that is granted starts when access would end, as `moreTime` says; that of one service or category
 * is added to its quota of today, as `moreOfPart` says. Where nothing ends, the child already has what it asked for, and the
 * answer is all there is to write.
 *
 * @throws KhienError `NOT_FOUND`, `ALREADY_ANSWERED`, `INVALID_INPUT` for granting a wish for time without any,
 * `LIMIT_REACHED`
 */
export async function answerRequest(
  trx: Trx,
  at: { household: Id; request: Id; account: Id; offsets: readonly ZoneOffset[]; now: Instant },
  answer: z.output<typeof answerSchema>,
): Promise<void> {
  const { household, now } = at;
  const request = await findRequest(trx, household, at.request);
  const minutes = answer.granted ? answer.minutes : 0;
  if (answer.granted && request.ask === 'time' && minutes === 0) {
    throw invalidInput('/minutes', 'granting time takes a minute at least');
  }

  const { numUpdatedRows } = await trx
    .updateTable('request')
    .set({
      granted: answer.granted ? 1 : 0,
      answer_minutes: minutes,
      reply: answer.reply,
      answered_at: now,
      answered_by: at.account,
    })
    .where('household', '=', household)
    .where('id', '=', at.request)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new KhienError('ALREADY_ANSWERED', 'somebody has answered before');

  if (minutes === 0) return;
  const profile = await findProfile(trx, household, request.profile, now);
  const to = { household, profile, offsets: at.offsets };
  const given = { by: at.account, now };
  if (request.quota === null) await giveMoreTime(trx, to, minutes, given);
  else await giveMoreOf(trx, to, request.quota, minutes, given);
}
