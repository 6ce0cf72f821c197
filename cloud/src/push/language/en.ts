import type { PushTexts } from './vi.ts';

export const en: PushTexts = {
  language: 'en',
  title: 'Khiên',
  plain: {
    help: 'Your child needs your help. Open Khiên now.',
    request: 'There is a new request from a child.',
    bypass: 'Somebody tried to get round the rules.',
    quota: 'A time limit is used up.',
    'new-device': 'A new device waits for your decision.',
    'device-changed': 'A device does not look like itself.',
    'router-offline': 'The router is not connected. The rules on it still hold.',
    'rules-failing': 'The router could not take the new rules.',
    'list-old': 'The block lists on the router are old.',
    'connection-contested': 'Something else connects in your router’s name.',
    'webhook-off': 'A webhook was switched off, because nothing was taken there for a day.',
    weekly: 'The summary of last week is ready.',
  },
  routerBack: 'The router is connected again.',
  told: {
    help: (child) => `${child} needs your help. Open Khiên now.`,
    request: (child, minutes, of) =>
      `${child} asks for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}${of === undefined ? '' : ` of ${of}`}.`,
    bypass: (child) => `${child}’s device tried to get round the rules.`,
    quota: (child) => `${child} has used up a time limit.`,
    newDevice: (name) => `New device: ${name}. Whose is it?`,
    newDevices: (count) => `${count} new devices wait for your decision.`,
    resembles: (child) => `A new device looks like ${child}’s.`,
    changed: (name) => `${name}: something else seems to use its address.`,
    routerOffline: (name) => `${name} is not connected. The rules on it still hold.`,
    routerBack: (name) => `${name} is connected again.`,
    rulesFailing: (name) => `${name} could not take the new rules.`,
  },
  digest: (count) =>
    `During your quiet hours there ${count === 1 ? 'was 1 notification' : `were ${count} notifications`}.`,
  test: 'Notifications reach this device.',
  someone: 'A child',
  device: 'A device',
};
