import { codeOf } from '@khien/shared/error';
import type { Status } from '../status.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Where TCP, and TLS with the authority that is trusted there, shall work. */
export interface CloudEndpoint {
  readonly host: string;
  readonly port: number;
  /** Undefined for plain HTTP. `ca` is PEM; the system's authorities where undefined. */
  readonly tls:
    | { readonly ca: string | undefined; readonly cert?: string; readonly key?: string }
    | undefined;
}

export type Reach = (endpoint: CloudEndpoint) => Promise<void>;

/** Whether the cloud's web address answers. */
export async function checkCloud(
  url: string,
  authority: () => string | undefined,
  reach: Reach,
): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === 'https:';
  try {
    const tls = secure ? { ca: authority() } : undefined;
    await reach({ host: bare(hostname), port: Number(port || (secure ? 443 : 80)), tls });
    return ok('cloud', `${url} answers${secure ? ' over TLS' : ', without TLS'}`);
  } catch (error) {
    return problem('cloud', `${url}: ${textOf(error)}`, adviceFor(codeOf(error)));
  }
}

/** Whether the edge that policy comes by answers, and whether the daemon is connected to it. */
export async function checkEdge(
  mqttUrl: string,
  tls: CloudEndpoint['tls'],
  status: Status | undefined,
  reach: Reach,
): Promise<Finding> {
  const check = 'cloud edge';
  const { hostname, port } = new URL(mqttUrl);
  try {
    await reach({ host: bare(hostname), port: Number(port || 8883), tls });
  } catch (error) {
    return problem(check, `${mqttUrl}: ${textOf(error)}`, adviceFor(codeOf(error)));
  }
  if (status === undefined) return ok(check, `${mqttUrl} answers over TLS`);
  if (status.cloud.connected) return ok(check, `${mqttUrl}, khiend is connected`);
  const todo = 'wait a minute; then see the log: logread -e khien. Was this router removed from its family?';
  return problem(check, `${mqttUrl} answers over TLS, but khiend is not connected`, todo);
}

function textOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' ? codeOf(error) : message;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** What to do, by the code of Node's system and TLS errors. */
function adviceFor(code: string): string {
  if (['ENOTFOUND', 'EAI_AGAIN', 'ENODATA'].includes(code)) {
    return 'the name does not resolve: is the Internet there, does this router resolve names, is the address right?';
  }
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
    return "see that the clock is right; if it is, the cloud's certificate is not";
  }
  if (code === 'CONFIG_INVALID') return 'correct cloud.authority';
  if (/CERT|VERIFY|SIGNED|ISSUER|ALTNAME|SSL|EPROTO/.test(code)) {
    return 'its certificate is not from whom we trust: correct cloud.authority, or find who is in between';
  }
  return 'nobody answers there: is the Internet there, is the address right, is the cloud up?';
}
