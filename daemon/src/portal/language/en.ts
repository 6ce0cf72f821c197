import { momentText, runsText } from './phrase.ts';
import type { Texts } from './vi.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const weekday = (day: number): string => weekdays[day - 1] ?? '';
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const en: Texts = {
  code: 'en',
  own: 'English',
  brand: 'Khiên',
  skip: 'Skip to the content',
  languages: 'Language',
  title: (name) => `${name}’s page`,

  moment: (at) =>
    momentText(at, {
      yesterday: (time) => `${time} yesterday`,
      today: (time) => `${time} today`,
      tomorrow: (time) => `${time} tomorrow`,
      weekday: (time, day) => `${time} on ${weekday(day)}`,
      date: (time, day, month) => `${time} on ${day} ${months[month - 1] ?? ''}`,
    }),
  duration: (minutes) => {
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (minutes < 1) return 'less than a minute';
    if (hours < 1) return `${minutes} min`;
    if (days >= 2) return `${days} days`;
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  },
  days: (days) =>
    runsText(days, {
      everyDay: 'Every day',
      name: weekday,
      range: (from, to) => `${from} to ${to}`,
      and: 'and',
    }),

  status: {
    hello: (name) => `Hi ${name}!`,
    free: 'Your network is on',
    grant: 'You have extra time',
    pause: 'Your network is paused',
    schedule: 'Time to rest',
    'device-pause': 'This device is paused',
    learning: 'Study time',
    'study-time': 'Study time',
    quota: 'Today’s time is used up',
    onUntil: 'On until',
    offUntil: 'Back on at',
    left: (duration) => `${duration} left`,
    studyFrom: 'Study time starts at',
    studyUntil: 'Study time until',
    noLimit: 'No off time is coming up.',
    untilStudied: 'Until your parents switch study mode off.',
    pausedBy: 'Your parents paused the network on your devices.',
    untilResumed: 'It comes back when your parents resume it.',
    scheduledBy: (schedule) => `By the schedule “${schedule}” that your parents set for you.`,
    scheduled: 'By the schedule that your parents set for you.',
    grantedBy: 'Your parents gave you more time.',
    devicePausedBy: 'Your parents paused this device alone.',
    learningBy: 'Your parents switched on study mode: only what you need for school opens.',
    quotaBy: 'You have used all the minutes that your parents give for a day.',
  },

  quotas: {
    heading: 'Your time today',
    network: 'The whole network',
    left: (left, limit) => `${left} left of ${limit}`,
    spent: (limit) => `all of ${limit} used`,
    noLimit: 'no limit today',
    notToday: 'no time today',
    added: (duration) => `Your parents added ${duration}`,
    anew: (moment) => `It starts anew at ${moment}.`,
  },

  hotline: {
    question: 'Need someone who listens?',
    call: (phone) => `Call ${phone}`,
    nobodySees: 'Khiên never records that you called, and tells nobody.',
  },

  requests: {
    heading: 'What you asked for',
    time: (duration) => `${duration} more`,
    timeOf: (duration, name) => `${duration} more of ${name}`,
    someTime: 'More time',
    help: 'Help from your parents',
    waiting: 'Waiting for your parents',
    toBeSent: 'Saved, will be sent when the Internet is back',
    delivered: 'Sent to your parents',
    granted: (duration) => `You got ${duration} more`,
    answered: 'Your parents answered',
    refused: 'Not this time',
    reply: 'Your parents wrote:',
    at: (time) => `at ${time}`,
  },

  ask: {
    heading: 'Ask for more time',
    of: 'More time for what?',
    minutes: 'How much more?',
    choice: (minutes) => (minutes === 60 ? '1 hour' : `${minutes} min`),
    reason: 'What is it for?',
    optional: 'optional',
    reasonHint: 'For example: I have to hand in homework',
    send: 'Send to my parents',
    pending: 'You have asked already. The answer will appear above.',
    notNeeded: 'Your network has no off time now, so there is nothing to ask for.',
  },

  help: {
    heading: 'I need my parents’ help',
    explain: 'This goes straight to your parents’ phone.',
    notParents: (phone) =>
      `If you do not want your parents to know, call ${phone}: that you called is never shown to anybody.`,
    text: 'What is wrong?',
    optional: 'you can leave this empty',
    send: 'Ask my parents for help',
  },

  rules: {
    heading: 'Your rules',
    setByParents: 'Your parents set these for you. If something seems unfair, talk to them about it.',
    bedtimes: 'When the network is off',
    noBedtimes: 'There are no off times.',
    window: (start, end) => `${start} to ${end}`,
    wholeDay: 'All day',
    studyTimes: 'Study time: only what you need for school opens',
    freeTimes: 'Free time: does not count towards your minutes',
    holidays: { excluded: 'not on holidays', only: 'on holidays only' },
    categories: 'Kinds of content that are blocked',
    services: 'Apps and sites that are blocked',
    nothingBlocked: 'Nothing is blocked.',
    filters: 'Search and video that are filtered',
    safeSearch: 'Google, Bing and DuckDuckGo hide results that are for adults.',
    youtube: {
      moderate: 'YouTube hides videos that are for adults, and comments.',
      strict: 'YouTube hides videos that may not fit children, and comments.',
    },
    always: 'The sites of hotline 111 and of other places that help are never blocked.',
  },

  privacy: {
    heading: 'What is recorded',
    recorded: 'Your parents see',
    recordedItems: [
      'When you try something blocked: which blocked app, kind or site, how often, at what time',
      'For how many minutes a day you use the network, and things that have a daily limit',
      'When your device tries to get around the rules, for example by a VPN',
      'What you send from this page',
      'Whether your device is on the network',
    ],
    never: 'Never recorded',
    neverItems: [
      'Which pages and videos you look at, what you search for',
      'What you write or type',
      'That you call 111, or open the site of a place that helps',
    ],
    phoneKeeps: 'Your phone itself may still keep its list of calls.',
  },

  contacts: {
    heading: 'Places that help',
    explain: 'You can call them even when your network is off.',
    emergency: 'Emergency numbers',
    website: 'Website',
    call: (name, phone) => `Call ${name}, ${phone}`,
  },

  guest: {
    title: 'Khiên at home',
    heading: 'Hello!',
    lead: 'This device belongs to no child yet, so Khiên leaves its network alone.',
    newHeading: 'A new device',
    newLead: 'This device has just joined the home network. It gets online when a parent allows it.',
    claimHeading: 'For parents: get started',
    claimSteps: (address) =>
      `Scan the QR code with your phone. Or open ${address}, make an account and enter this code:`,
    claimQr: 'QR code that opens the page where the router is claimed',
    claimPrinted: (address) =>
      `On your phone, open ${address}, make an account and enter the code on the router’s label, or the one its last family gave you.`,
    claimCode: 'Claim code',
    claimOnce: 'It works once. Only people on the home network can see this page.',
    manageHeading: 'For parents',
    manage: 'To give this device to a child, open the parents’ page and choose the device with the address:',
    unknownDevice:
      'To give this device to a child, open the parents’ page and choose it in the list of devices.',
    open: 'Open the parents’ page',
  },

  notice: {
    sent: { time: 'Sent to your parents.', help: 'Sent. Your parents see it on their phone right away.' },
    saved: {
      time: 'Saved. It will be sent when the Internet is back.',
      help: 'Saved, and sent when the Internet is back. If you need help now, call 111.',
    },
    merged:
      'What you just sent is on its way to your parents already. To add something, write again in a minute.',
  },

  errors: {
    TIME_PENDING: 'You have asked already, and your parents have not answered yet. Please wait a little.',
    TIME_TOO_OFTEN: 'You have asked 5 times within an hour. Please try again later.',
    TIME_NOT_LIMITED: 'Your network has no off time now, so there is nothing to ask for.',
    TIME_NOT_SPENT: 'You have not used up its time today, so there is nothing to ask for.',
    TEXT_TOO_LONG: 'That is too long. Please use at most 400 letters.',
    FORM_INVALID: 'It was not sent, because something is missing or wrong. Please choose again and send.',
    NOT_STORED: 'The router could not keep your request. Please try again. If it is urgent, call 111.',
    NOT_MANAGED: 'This device belongs to no child, so nothing can be sent from it.',
    CROSS_SITE: 'This did not come from this page, so it was not taken.',
    BODY_TOO_LARGE: 'That is too much to send.',
    NOT_FOUND: 'There is no such page.',
    METHOD_NOT_ALLOWED: 'The page cannot be opened like this.',
    UNEXPECTED: 'This page failed. Your network still follows the same rules.',
  },
  errorTitle: 'That did not work',
  back: 'Back to the page',
  footer: 'This page lives in your home router and opens without the Internet too.',
};
