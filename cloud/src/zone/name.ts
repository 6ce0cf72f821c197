import { z } from 'zod';

/** Whether `name` is a time zone of the IANA database, such as `Asia/Ho_Chi_Minh`; a bare offset is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const zoneSchema = z.string().max(64).refine(isTimeZone, 'an IANA time zone');
