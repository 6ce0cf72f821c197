import { type Finding, ok, problem } from './finding.ts';

/** The stored policy: its version, the code of what is wrong with it, or undefined where there is none. */
export type StoredPolicy = number | string | undefined;

/** Whether what is in force is what a reboot would bring back. `inForce` is undefined where no daemon tells it. */
export function checkPolicy(stored: StoredPolicy, inForce: number | undefined): Finding {
  const check = 'policy';
  const restart = 'restart khiend: /etc/init.d/khien restart';
  if (typeof stored === 'string') {
    return problem(
      check,
      `the stored one is damaged (${stored})`,
      `${restart}; it asks the cloud for it again`,
    );
  }
  if (stored === undefined && (inForce === undefined || inForce === 0)) {
    return problem(check, 'none has come yet', 'see identity and cloud');
  }
  if (stored === undefined) {
    const found = `version ${inForce} is in force, and none is stored: a reboot without the cloud would lose it`;
    return problem(check, found, 'see the state folder');
  }
  if (inForce === undefined) return ok(check, `version ${stored} is stored`);
  if (inForce === stored) return ok(check, `version ${stored} is in force and stored`);
  const found = `version ${inForce} is in force, version ${stored} is stored`;
  return problem(check, found, inForce > stored ? 'see the state folder' : `${restart}; see enforcement`);
}
