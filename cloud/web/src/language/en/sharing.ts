import { counted } from '../plural.ts';
import type { Texts } from '../vi.ts';

/** What is said of people outside of the family who may see something of it. */
export const sharing: Texts['sharing'] = {
  title: 'Who can see',
  intro:
    'People outside the family see only what the family agrees to, until the day that it chooses. Each look is written down here.',
  summary: 'Workers you agreed to, and who has looked',
  consents: 'Workers who can see',
  none: 'Nobody can see anything',
  noneText: 'When you want help, you can let a child-protection worker see a part, for a while.',
  add: 'Let a worker see',
  scopes: {
    activity: { name: 'Blocked tries', text: 'What was blocked, and minutes online a day.' },
    rules: { name: 'Rules', text: 'Each child’s rules, and holidays.' },
    requests: { name: 'Requests', text: 'What children asked, and the answers.' },
  },
  until: (moment) => `Can see until ${moment}`,
  givenBy: (name) => `${name} agreed`,
  stop: 'Stop now',
  stopFor: (name) => `Stop now: ${name}`,
  stopped: (name) => `${name} can see nothing any more`,
  ownersOnly: 'Only an owner of the household can agree or stop.',

  code: 'The worker’s code',
  codeHint: 'The worker gives you this code. Never enter one of somebody whom you did not meet or ask.',
  next: 'Continue',
  whoIs: (name, organisation) => `${name} from ${organisation}`,
  whoText: 'Agree only if this is who you asked for help.',
  what: 'What they can see',
  needsScope: 'Choose one at least',
  howLong: 'For how long',
  days: (days) => counted(days, 'day', 'days'),
  childrenAgree: 'Children of 7 and older agree',
  childrenAgreeText: 'Tell them who will see what, and why. If a child does not agree, do not share.',
  needsChildren: 'Ask your children first',
  give: 'Agree',
  given: (name) => `${name} can see it`,

  log: 'Who has looked or changed something',
  logText: 'Kept for a year. The same look by the same person is written down once an hour.',
  logEmpty: 'Nobody yet',
  server: 'Whoever runs the server',
  looks: {
    family: 'opened the family’s page (children’s names and ages)',
    activity: 'looked at blocked tries or minutes',
    rules: 'looked at the rules',
    requests: 'looked at children’s requests',
    router: 'looked at how the router is',
  },
  changes: {
    'member-added': (about) => `joined the household: ${about}`,
    'member-changed': (about) => `changed the role of ${about}`,
    'member-removed': (about) => `removed ${about} from the household`,
    'consent-given': (about) => `let ${about} see`,
    'consent-ended': (about) => `stopped ${about} from seeing`,
    'router-added': (about) => `connected the router ${about}`,
    'router-removed': (about) => `removed the router ${about}`,
    'data-exported': () => 'downloaded the household’s data',
  },

  lookOnly: 'You can look, not change',
  lookOnlyText: 'You are a viewer. Carers and owners of the household can change this.',
  forOwners: 'Only an owner of the household can do this.',
};
