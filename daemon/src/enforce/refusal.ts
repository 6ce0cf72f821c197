import { KhienError } from '@khien/shared/error';
import { isNetlinkError } from 'node-nftables';
import { POLICY_TABLE } from '../layout.ts';
import { portChain } from './access-table.ts';

/** What the kernel's refusal of a policy means. Other errors are not its, and come back as they are. */
export function refusal(error: unknown): unknown {
  if (!isNetlinkError(error)) return error;
  const details = {
    errno: error.code,
    refused: error.failures.slice(0, 5).map(({ request, code }) => ({ request, code })),
  };
  return new KhienError(codeFor(error.code), `the kernel refused the policy: ${error.message}`, {
    details,
    cause: error,
  });
}

function codeFor(errno: string): string {
  if (errno === 'EPERM' || errno === 'EACCES') return 'ENFORCE_NO_PERMISSION';
  if (errno === 'EOPNOTSUPP' || errno === 'EPROTONOSUPPORT' || errno === 'EAFNOSUPPORT')
    return 'ENFORCE_UNSUPPORTED';
  return 'ENFORCE_REFUSED';
}

/** Ports that the kernel says are not there (any more). */
export function lostPorts(error: unknown, ports: readonly string[]): string[] {
  if (!isNetlinkError(error)) return [];
  const missing = new Set(
    error.failures.flatMap(({ code, request }) => (code === 'ENOENT' ? [request] : [])),
  );
  return ports.filter((port) => missing.has(`add chain netdev ${POLICY_TABLE}/${portChain(port).name}`));
}

/** Whether the kernel may hold something else than we believe, so that making the tables anew can help. */
export function mayBeOurMistake(error: unknown): boolean {
  return (
    isNetlinkError(error) && !['EPERM', 'EACCES', 'EOPNOTSUPP', 'EMSGSIZE', 'ENOMEM'].includes(error.code)
  );
}
