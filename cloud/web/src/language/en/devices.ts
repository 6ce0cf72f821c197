import type { Texts } from '../vi.ts';

const evidence: Texts['devices']['evidence'] = {
  hostname: 'it calls itself by the same name',
  fingerprint: 'it is the same kind of device',
  vendor: 'it is by the same maker',
  timing: 'it appeared when the other vanished',
  'two-places': 'it is there at the same time as the other, in two places',
  address: 'it sends from the other’s network address, and answers for none itself',
};

const changedEvidence: Texts['devices']['changedEvidence'] = {
  hostname: 'now calls itself something else',
  fingerprint: 'is now a different kind of device',
  vendor: 'is now by another maker',
  timing: 'appeared at an unusual time',
  'two-places': 'was in two places at once',
  address: 'sent from the network address of another device',
};

const newDevices: Texts['devices']['newDevices'] = {
  allow: {
    name: 'Let in',
    text: 'New devices are online at once, nothing is blocked and nobody is asked. So is another device that your child brings home.',
  },
  ask: {
    name: 'Let in and ask me',
    text: 'Online at once, and you are asked whose it is. One that looks like a child’s device follows that child’s rules until you answer.',
  },
  quarantine: {
    name: 'Keep out until I agree',
    text: 'Offline until you answer; help stays open. The strictest, but guests and a new TV have to wait too. Devices that are in your home already are not affected.',
  },
};

/** What is said of devices. */
export const devices: Texts['devices'] = {
  title: 'Devices',
  intro: 'Every device that the router sees at home.',
  emptyTitle: 'No devices yet',
  emptyText: 'Devices appear once they join the router’s network.',
  unassigned: 'No child’s',
  unassignedText: 'Nothing blocked, no bedtime.',
  quarantined: 'Waiting for you to let them in',
  quarantinedText: 'No network yet, except for help.',
  of: (name) => `${name}’s`,
  present: 'At home',
  lastSeen: (when) => `Last seen ${when}`,
  private: 'Private address',
  privateText:
    'The device uses a random address and may change it. When it does, Khiên compares name and kind and asks you whether it is the same device. To be sure, switch off “private address” for your home Wi-Fi on the device.',
  new: 'New',
  waiting: 'No network yet',
  paused: 'Paused',
  name: 'Device name',
  owner: 'Whose is it?',
  nobody: 'No child’s (not managed)',
  nobodyHint: 'A grown-up’s device, a TV, something shared',
  letIn: 'Let it in, no child’s',
  leave: 'Keep it out',
  leaveText: 'It stays on the list; you can let it in at any time.',
  left: (device) => `${device} stays out`,
  vendor: 'Made by',
  hostname: 'Calls itself',
  mac: 'MAC address',
  addresses: 'IP address',
  firstSeen: 'First seen',
  assigned: (device, child) => `${device} is ${child}’s now`,
  unassignedToast: (device) => `${device} is no longer managed`,
  renamed: 'The device is renamed',
  search: 'Find a device',
  noMatch: (query) => `Nothing found for “${query}”.`,
  keptUnassigned: (device) => `${device} is no child’s`,
  askAgain: 'Ask whose it is again',
  askAgainBlocks: 'It loses the network until you answer again.',
  askedAgain: (device) => `${device} is a new device again`,

  pause: 'Pause this device',
  pauseTitle: (device) => `Pause ${device}`,
  pauseText: 'Only this device loses the network; the others go on. Help stays open.',
  pausedUntil: (until) => `This device alone is paused until ${until}`,
  pausedOpen: 'This device alone is paused until you resume it',
  resume: 'Resume this device',
  pausedToast: (device) => `${device} is paused`,
  resumedToast: (device) => `${device} is resumed`,

  macsTitle: 'The addresses of this device',
  macsText: 'The rules hold for each of them. Separate one that is not of this device.',
  separate: 'Separate',
  separateOf: (mac) => `Separate ${mac}`,
  separateSure: (mac) => `Make ${mac} a device of its own, no child’s?`,
  separateNoWayBack: 'To join them again you have to wait until Khiên asks once more.',
  separated: (mac) => `${mac} is a device of its own`,

  check: 'Please look at this',
  resembles: (device, child) => `Is this ${child}’s ${device}?`,
  resemblesText: (found, reasons) => `${found}: ${reasons}.`,
  resemblesRules: (child) => `Until you answer it follows ${child}’s rules.`,
  resemblesBlocked: 'Until you answer it has no network.',
  resemblesFree: 'Until you answer it is online as a new device.',
  evidence,
  yes: 'Yes, the same device',
  no: 'No',
  confirmed: (child) => `Joined with ${child}’s device`,
  denied: (found) => `${found} is another device, left alone`,
  foundGone: 'A new address',

  changed: (device) => `Does something else use the address of ${device}?`,
  changedText: (reasons) => `This address ${reasons}.`,
  changedEvidence,
  changedMeans:
    'If you have just reinstalled, updated or renamed this device, all is well. If not, somebody may have copied its address to get round the rules.',
  changedWhat:
    'What to do: see whether the device is at home, ask your child, and change the Wi-Fi password if it stays unclear.',
  look: 'Look at the device',
  dismiss: 'All is well',
  dismissed: 'The alert is gone',

  newDevicesTitle: 'When a new device appears',
  newDevices,
};
