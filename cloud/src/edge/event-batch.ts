import { eventBatchSchema, eventSchema, type KhienEvent } from '@khien/shared/event';
import { type Instant, newId } from '@khien/shared/id';
import { z } from 'zod';

const envelopeSchema = z.object({ events: z.array(z.unknown()).min(1).max(64) });

export interface OpenedBatch {
  readonly events: readonly KhienEvent[];
  /** Why something of it is left out, for an operator; undefined where all is well. Names fields, repeats no content. */
  readonly rejection: string | undefined;
}

/**
 * What is good of the payload of `up/events`. The rest is given up, since a router that is refused would send the same
 * again for ever: an event of a kind that only a newer release knows, say, must not hold up those behind it.
 */
export function openBatch(payload: string): OpenedBatch {
  const parsed = parseJson(payload);
  const whole = eventBatchSchema.safeParse(parsed);
  if (whole.success) return { events: whole.data.events, rejection: undefined };
  const envelope = envelopeSchema.safeParse(parsed);
  if (!envelope.success) return { events: [], rejection: 'no batch of events' };

  const events: KhienEvent[] = [];
  const faults: string[] = [];
  for (const [index, candidate] of envelope.data.events.entries()) {
    const event = eventSchema.safeParse(candidate);
    if (event.success) events.push(event.data);
    else faults.push([index, ...(event.error.issues[0]?.path ?? [])].join('.'));
  }
  const where = faults.slice(0, 5).join(', ');
  return { events, rejection: `${faults.length} of ${envelope.data.events.length} events: ${where}` };
}

/** The record of what the edge saw of a router, such as a rejection, in the router's own events. */
export function noteOf(code: string, detail: string, now: Instant): KhienEvent {
  return {
    id: newId(now),
    at: now,
    timeSource: 'cloud',
    kind: 'router',
    code,
    detail: detail.slice(0, 500),
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
