import type { Instant } from '@khien/shared/id';
import webPush from 'web-push';
import { z } from 'zod';
import { secretOnce } from '../authority/secret.ts';
import type { Db } from '../store/open.ts';

const keysSchema = z.object({ publicKey: z.string(), privateKey: z.string() });

/** By what a push service knows who sends (RFC 8292). */
export interface Vapid {
  /** P-256, uncompressed, base64url: what browsers subscribe with. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** Where the service's operator can be asked: https or mailto. */
  readonly subject: string;
}

/** The key pair of this cloud, made with the store; nodes that start at once end with the same one. */
export async function openVapid(db: Db, publicUrl: URL, now: Instant): Promise<Vapid> {
  const stored = await secretOnce(
    db,
    'vapid-keys',
    () => Promise.resolve(JSON.stringify(webPush.generateVAPIDKeys())),
    now,
  );
  const subject =
    publicUrl.protocol === 'https:' ? publicUrl.origin : `mailto:khien@${publicUrl.hostname || 'localhost'}`;
  return { ...keysSchema.parse(JSON.parse(stored)), subject };
}
