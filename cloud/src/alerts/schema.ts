import { deviceEvidence } from '@khien/shared/event';
import { idSchema, instantSchema, macSchema } from '@khien/shared/id';
import { z } from 'zod';

/** A known address that seems to be used by something else: perhaps somebody copied it. */
export const alertViewSchema = z.object({
  id: idSchema,
  kind: z.literal('device-changed'),
  mac: macSchema,
  /** Whose address it is; null where that device is gone. */
  device: z.nullable(idSchema),
  evidence: z.array(z.enum(deviceEvidence)),
  at: instantSchema,
});
export type AlertView = z.infer<typeof alertViewSchema>;
