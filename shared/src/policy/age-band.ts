import * as z from 'zod/mini';

/** Age bands of a child, in years, both ends included. */
export const ageBands = ['0-5', '6-8', '9-11', '12-14', '15-17'] as const;
export const ageBandSchema = z.enum(ageBands);
export type AgeBand = z.infer<typeof ageBandSchema>;
