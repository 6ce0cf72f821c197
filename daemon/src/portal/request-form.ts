import { type PartTarget, partTargetSchema, sameTarget } from '@khien/shared/policy';
import * as z from 'zod/mini';
import type { ErrorCode } from './language/index.ts';

/** What a child may write; as percent-encoded UTF-8 it fits the largest body. */
export const MAX_TEXT = 400;
export const TIME_CHOICES = [15, 30, 60] as const;

const text = z.pipe(z.string(), z.transform(cleaned));

/** Without control characters (C0, DEL, C1) other than line breaks, and without blanks around it. */
function cleaned(typed: string): string {
  const characters = Array.from(typed.replaceAll('\r\n', '\n'), (character) => {
    const code = character.charCodeAt(0);
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    return control && character !== '\n' ? ' ' : character;
  });
  return characters.join('').trim();
}

/** What time can be asked for; null is the whole network. */
export type Askable = PartTarget | null;

/** How a form says it: `network`, `service:youtube`. */
export function askableText(of: Askable): string {
  return of === null ? 'network' : `${of.kind}:${of.id}`;
}

export function sameAskable(a: Askable, b: Askable): boolean {
  return a === null || b === null ? a === b : sameTarget(a, b);
}

const askable = z.pipe(
  z.string(),
  z.transform((text, context): Askable => {
    if (text === 'network') return null;
    const colon = text.indexOf(':');
    const parsed = partTargetSchema.safeParse({ kind: text.slice(0, colon), id: text.slice(colon + 1) });
    if (parsed.success) return parsed.data;
    context.issues.push({ code: 'custom', message: 'no target', input: text });
    return z.NEVER;
  }),
);

const formSchema = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('time'),
    minutes: z.enum(TIME_CHOICES.map(String)),
    of: askable,
    text,
  }),
  z.object({ ask: z.literal('help'), text }),
]);

export type RequestForm =
  | { readonly ask: 'time'; readonly minutes: number; readonly of: Askable; readonly text: string }
  | { readonly ask: 'help'; readonly minutes: 0; readonly of: null; readonly text: string };

export type ReadForm =
  | { readonly form: RequestForm }
  /** `typed` is what can be shown in the form again. */
  | { readonly error: ErrorCode; readonly typed: RequestForm | null };

/** Reads a form body (`application/x-www-form-urlencoded`). A field that comes twice counts once, the last. */
export function readRequestForm(body: string): ReadForm {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const parsed = formSchema.safeParse({ text: '', of: 'network', ...fields });
  if (!parsed.success) return { error: 'FORM_INVALID', typed: null };
  const { data } = parsed;
  const form: RequestForm =
    data.ask === 'time'
      ? { ask: 'time', minutes: Number(data.minutes), of: data.of, text: data.text }
      : { ask: 'help', minutes: 0, of: null, text: data.text };
  return form.text.length > MAX_TEXT ? { error: 'TEXT_TOO_LONG', typed: form } : { form };
}
