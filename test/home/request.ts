import { z } from 'zod';
import { homeError } from './error.ts';
import type { Host } from './host.ts';
import { program } from './program.ts';

export interface RequestOptions {
  /** GET unless told. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for all of it; 3 s unless told. */
  readonly timeout?: number;
}

const outcomeSchema = z.discriminatedUnion('reached', [
  z.object({
    reached: z.literal(true),
    status: z.number(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    body: z.string(),
    /** The address that answered. */
    from: z.string().optional(),
  }),
  /** ECONNREFUSED, ENOTFOUND …; TIMEOUT when nothing came in time. */
  z.object({ reached: z.literal(false), error: z.string() }),
]);

export type RequestOutcome = z.infer<typeof outcomeSchema>;

/** Makes an HTTP or HTTPS request from a host. Redirects are not followed, certificates not checked. */
export async function request(
  host: Host,
  url: string,
  options: RequestOptions = {},
): Promise<RequestOutcome> {
  const { method = 'GET', headers = {}, body = '', timeout = 3_000 } = options;
  const client = program(host.premises.folder, 'request-client.ts');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { stdout, stderr } = await host.exec(
    process.execPath,
    [client, method, url, String(timeout), ...lines],
    { input: body, timeout: timeout + 10_000 },
  );
  if (stdout === '')
    throw homeError('HOME_COMMAND_FAILED', `the request to ${url} could not be made\n${stderr}`);
  return outcomeSchema.parse(JSON.parse(stdout));
}
