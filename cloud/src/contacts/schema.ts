import { contactSchema } from '@khien/shared/contact';
import { z } from 'zod';

/** `GET /api/v1/contacts`: whom a child or a parent can turn to. */
export const contactListSchema = z.object({ contacts: z.array(contactSchema) });
export type ContactList = z.infer<typeof contactListSchema>;
