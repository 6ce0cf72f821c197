// Runs on the parent's phone: requests to the cloud over one TLS connection that stays open, each with its times.
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { cloudUrl } from './cloud.ts';
import { answerQuestions, monotonic } from './worker.ts';

const requestSchema = z.object({ method: z.string(), path: z.string(), body: z.string().nullable() });

const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
let cookie = '';

function send(argument: unknown): Promise<unknown> {
  const { method, path, body } = requestSchema.parse(argument);
  const headers: Record<string, string> = { origin: cloudUrl };
  if (cookie !== '') headers.cookie = cookie;
  if (body !== null) headers['content-type'] = 'application/json';
  return new Promise((resolve, reject) => {
    const sentAt = monotonic();
    const sent = request(`${cloudUrl}${path}`, { agent, method, headers, timeout: 10_000 }, (response) => {
      const answeredAt = monotonic();
      const [set] = response.headers['set-cookie'] ?? [];
      if (set !== undefined) cookie = set.split(';')[0] ?? '';
      text(response).then(
        (answer) => resolve({ status: response.statusCode, body: answer, sentAt, answeredAt }),
        reject,
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} is not answered`)));
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

answerQuestions({ send });
