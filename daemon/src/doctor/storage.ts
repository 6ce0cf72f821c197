import { codeOf } from '@khien/shared/error';
import { parseDhcpLeases } from '../devices/dhcp-leases.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Below this a document and a burst of events may not fit (bytes). */
const LEAST_FREE = 1 << 20;
/** The outbox drops what is oldest at 10,000. */
const MANY_EVENTS = 5000;

export interface FolderAccess {
  /** Writes and removes a small file. */
  tryWrite(folder: string): Promise<void>;
  /** Bytes of the file system for others than root, as statfs(2) tells them. */
  space(folder: string): Promise<{ free: number; total: number }>;
}

/** Whether what must survive a reboot can be written. */
export async function checkStateFolder(folder: string, access: FolderAccess): Promise<Finding> {
  const check = 'state folder';
  try {
    const { free, total } = await access.space(folder);
    const space = `${folder}, ${megabytes(free)} free of ${megabytes(total)}`;
    if (free < LEAST_FREE) return problem(check, space, 'make room on the flash');
    await access.tryWrite(folder);
    return ok(check, space);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT'
      ? problem(check, `${folder} is not there`, 'start khiend, which makes it, or correct stateFolder')
      : problem(
          check,
          `${folder} cannot be written (${code})`,
          'make its file system writable, or free space',
        );
  }
}

/** Whether dnsmasq's leases, which name the home's devices, are where they are looked for. */
export function checkLeases(file: string, text: string | undefined): Finding {
  const check = 'DHCP leases';
  if (text === undefined) {
    return problem(check, `${file} is not there`, 'see that dnsmasq gives addresses, or correct dhcpLeases');
  }
  return ok(check, `${file}, ${parseDhcpLeases(text).length} devices`);
}

/** Whether events get away. `waiting` is undefined where no daemon tells it. */
export function checkOutbox(bytes: number, waiting: number | undefined, setAside: number): Finding {
  const check = 'outbox';
  const aside = setAside === 0 ? '' : `; ${setAside} damaged ones set aside`;
  const size = `${megabytes(bytes)} on flash${aside}`;
  if (waiting === undefined) return ok(check, size);
  const found = `${waiting} events wait, ${size}`;
  if (waiting < MANY_EVENTS) return ok(check, found);
  return problem(check, found, 'bring the cloud back in reach: the oldest blocked tries are dropped soon');
}

/** Whether the names by category can be used; `open` throws as `TableFile.open` does. */
export async function checkLists(
  path: string,
  open: (path: string) => Promise<{ revision: string }>,
): Promise<Finding> {
  const check = 'lists';
  try {
    return ok(check, `${path}, revision ${(await open(path)).revision.slice(0, 12)}`);
  } catch (error) {
    const found = `${path} cannot be used (${codeOf(error)}): names by category are not blocked`;
    return problem(check, found, 'install the package again, or correct list in the configuration');
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
