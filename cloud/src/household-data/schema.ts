import { z } from 'zod';

export const erasureSchema = z.strictObject({ name: z.string().max(200) });
