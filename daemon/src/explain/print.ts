import { visible } from '../control/visible.ts';
import type { DeviceExplanation, Explanation, Moment, Rule } from './explanation.ts';

/** The explanation as lines for a person who helps a family. */
export function printExplanation(explanation: Explanation): string {
  const { name, now, zone, policy, contacts, lists, enforcement, devices } = explanation;
  const head = [
    `${name}, ${wall(now)} ${now.local.slice(19)} (${zone})`,
    `policy ${policy}, contacts ${contacts}, lists ${lists.slice(0, 12) || 'none'}; ${enforcement}`,
  ];
  if (devices.length === 0) {
    head.push('', policy === 0 ? 'No policy is known: nobody is managed (yet).' : 'No device is managed.');
  }
  return [...head, ...devices.flatMap((device) => ['', ...deviceLines(device)])].join('\n');
}

function deviceLines(device: DeviceExplanation): string[] {
  const { name, child, macs, provisional, decision, until, rule, network, kernel } = device;
  const lines = [
    visible(`${name} (${child?.name ?? 'not managed'}), ${macs.join(' ')}`),
    `  ${decision.toUpperCase().padEnd(7)}  ${because(decision, rule)}`,
  ];
  if (provisional.length > 0) {
    lines.push(`  address  ${provisional.join(' ')} is taken for this device's until the parents answer`);
  }
  if (until !== null) lines.push(`  until    ${wall(until)} at the earliest`);
  if (network !== null) lines.push(`  network  ${networkText(network)}`);
  lines.push(`  kernel   ${kernelText(kernel, child !== null)}`);
  return lines;
}

function because(decision: DeviceExplanation['decision'], rule: Rule): string {
  if (decision !== 'offline' || rule.kind === 'quarantine') return ruleText(rule);
  const then = blocking.includes(rule.kind) ? 'blocked' : 'allowed';
  return `the network is off; when it is on: ${then}, ${ruleText(rule)}`;
}

const blocking: readonly Rule['kind'][] = ['blocked-name', 'service', 'category', 'quota', 'learning'];

function ruleText({ kind, id, listed }: Rule): string {
  switch (kind) {
    case 'help':
      return `a name of an emergency contact (${listed}): reachable in every state`;
    case 'portal':
      return "the child's page, on this router";
    case 'not-managed':
      return "nobody manages this device: its queries are left to the router's resolver";
    case 'quarantine':
      return 'new here, and closed until a parent has looked at it';
    case 'allowed-name':
      return `the parent allows ${listed}`;
    case 'blocked-name':
      return `the parent blocks ${listed}`;
    case 'service':
      return `service ${id}, by its name ${listed}`;
    case 'category':
      return `category ${id}, which lists ${listed}`;
    case 'quota':
      return `service ${id}, whose time of today is used up, by its name ${listed}`;
    case 'learning':
      return 'it is study time, and this is not of what study needs';
    case 'safe-search':
      return `in its filtered form: answered with the addresses of ${listed}`;
    case 'bypass':
      return 'by it, software asks whether it may go around this resolver';
    case 'no-rule':
      return 'no rule is about this name';
  }
}

const reasons = {
  grant: 'extra time',
  pause: 'paused',
  schedule: 'a bedtime',
  'device-pause': 'this device is paused',
  learning: 'study mode: only what study needs',
  'study-time': 'a study time: only what study needs',
  quota: 'the time of today is used up',
  free: 'nothing keeps it off',
} as const;

function networkText({ online, reason, until }: NonNullable<DeviceExplanation['network']>): string {
  const end = until === null ? 'with no end that is known now' : `until ${wall(until)}`;
  return `${online ? 'on' : 'off'} (${reasons[reason]}), ${end}`;
}

const routes = {
  resolver: "gives the query to the router's resolver",
  responder: 'gives the query to khiend, which decides as above',
} as const;

function kernelText(kernel: DeviceExplanation['kernel'], managed: boolean): string {
  if (kernel === null) return 'could not be read';
  if (managed && !kernel.managed) return 'DOES NOT KNOW THIS DEVICE as managed: nothing is enforced for it';
  const passes =
    kernel.managed || !kernel.passes
      ? [kernel.passes ? 'lets the device out' : 'does not let the device out']
      : [];
  const route =
    kernel.route === null ? 'to whom it gives the query cannot be told from outside' : routes[kernel.route];
  return [...passes, route].join('; ');
}

/** `2026-11-21 20:14` */
function wall({ local }: Moment): string {
  return local.slice(0, 16).replace('T', ' ');
}
