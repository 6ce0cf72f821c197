import * as z from 'zod/mini';
import { contactSchema } from './contact.ts';

/** Body of the `contacts` document: who a child in this household's region can turn to. */
export const contactsBodySchema = z.object({
  contacts: z.array(contactSchema).check(z.minLength(1), z.maxLength(64)),
});
export type ContactsBody = z.infer<typeof contactsBodySchema>;
