/** What one check has found. Written to be sent to who supports the router: no secret, no child's or device's name. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'problem' | 'skipped';
  readonly found: string;
  /** What to do about a problem. */
  readonly todo?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found };
}

export function problem(check: string, found: string, todo: string): Finding {
  return { check, state: 'problem', found, todo };
}

/** What cannot be told before another problem is solved. */
export function skipped(check: string, found: string): Finding {
  return { check, state: 'skipped', found };
}

const marks = { ok: 'OK', problem: 'PROBLEM', skipped: '–' } as const;

/** The findings as lines for a person. */
export function printFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, todo }) => [
    `${marks[state].padEnd(7)}  ${check.padEnd(width)}  ${found}`,
    ...(todo === undefined ? [] : [`${' '.repeat(9 + width)}  → ${todo}`]),
  ]);
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const end = problems === 0 ? 'All is well.' : `${problems} of ${findings.length} checks found a problem.`;
  return [...lines, '', end].join('\n');
}
