import { counted } from '../plural.ts';
import type { Texts } from '../vi.ts';

const bypass: Texts['activity']['bypass'] = {
  dot: {
    name: 'Encrypted DNS (DoT)',
    text: 'The device tried to look names up at an encrypted server, where the router cannot see them. It was refused. Android does this by itself where “Private DNS” is on; it need not be your child.',
  },
  doq: {
    name: 'Encrypted DNS (DoQ)',
    text: 'The device tried to look names up at an encrypted server of a newer kind. It was refused. Some apps do this by themselves; it need not be your child.',
  },
  doh: {
    name: 'Encrypted DNS (DoH)',
    text: 'The device tried to look names up at an encrypted server. It was refused. Browsers do this by themselves; it need not be your child.',
  },
  'foreign-dns': {
    name: 'Another DNS server',
    text: 'The device asked another server for names, such as 8.8.8.8. The router answered in its place, so the rules hold. Many apps are made like this.',
  },
  vpn: {
    name: 'VPN',
    text: 'The device tried to open a VPN tunnel, in which the rules see nothing. It was refused. Most often somebody has installed a VPN app: worth asking your child.',
  },
  tor: {
    name: 'Tor',
    text: 'The device tried to enter the Tor network, which hides all that is visited. It was refused. This is rarely an accident: worth asking your child.',
  },
  'private-relay': {
    name: 'Private Relay (iCloud)',
    text: 'An Apple device tried to hide what it visits through iCloud. It was refused. It does so by itself with iCloud+; you can switch that off in its Wi-Fi settings.',
  },
  proxy: {
    name: 'Proxy server',
    text: 'The device tried to go online through a server in between. It was refused. Most often somebody has set it up: worth asking your child.',
  },
  'direct-address': {
    name: 'Straight to an address',
    text: 'The device connected straight to the address of a blocked app, without asking for its name. It was refused. An app that is open often tries this again by itself.',
  },
  'odd-dns': {
    name: 'Unusual name queries',
    text: 'The device asked for names in an odd way that the filter cannot read. It was refused. Tunnel apps do this; a software fault may too.',
  },
  'other-mac': {
    name: 'Under another hardware address',
    text: 'The device sent under a hardware address that is not its own, so as to pass for another device. It was refused. No app does this by itself: worth asking your child.',
  },
};

/** What was blocked, what was tried round it, and how long a child was online. */
export const activity: Texts['activity'] = {
  title: 'Blocked tries',
  privacy: 'Khiên records blocked tries only, never what your child visits.',
  emptyTitle: 'No blocked tries yet',
  emptyText:
    'When a child’s device tries something that is blocked, you see here who, what, when and how often.',
  emptyChild: (name) => `No blocked tries of ${name} yet`,
  recorded:
    'Recorded: blocked tries, by the name on the block list; tries to get round the rules; minutes a day.',
  notRecorded: 'Never recorded: visited sites, messages, searches, calls for help.',
  filter: 'Show one child',
  everybody: 'All',
  times: (count) => counted(count, 'time', 'times'),
  unknownChild: 'Deleted child',
  unknownDevice: 'deleted device',
  quotaOf: (target) => `${target}: time used up`,
  learning: 'Something that is not for study',
  learningText: 'It was study time.',
  bypassKind: 'A way round the rules',
  explain: 'What is this?',
  explainOf: (name) => `What is this? ${name}`,
  bypass,
  addressInStudy:
    'During study time the device connected straight to an address that study does not need, without asking for a name. It was refused. Apps that were open before often do this by themselves.',
  bypassUnknown: {
    name: 'Another way round',
    text: 'The device tried to get round the rules in a way that this app has no name for yet. It was refused.',
  },
};

/** How long a child was online, day by day. */
export const usage: Texts['usage'] = {
  title: 'Time online',
  intro:
    'Minutes of a day with the network in use. This is no history: Khiên never records what your child visits.',
  row: 'Time online and blocked tries by day',
  span: 'How many days',
  spanDays: (days) => counted(days, 'day', 'days'),
  target: 'Minutes of',
  average: 'Average a day',
  day: 'Day',
  blocked: 'Blocked tries',
  bypass: 'Ways round',
  bypassText:
    'Ways round include what apps do by themselves; it need not be your child. Look at each to know.',
  chart: (target, average, days) =>
    `Chart of ${days} days, ${target}: ${average} a day on average. Each day is in the table below.`,
  table: 'Show as a table',
  minutesShort: (minutes) => `${minutes}m`,
  hoursShort: (hours, minutes) =>
    minutes === 0 ? `${hours}h` : `${hours}h${String(minutes).padStart(2, '0')}`,
  empty: 'Nothing yet',
  emptyText: 'Once your child’s devices are online at home, the minutes of each day show up here.',
  seeTries: 'See the blocked tries',
};
