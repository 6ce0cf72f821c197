import type { Texts } from '../vi.ts';

/** What is said of parting with a router. */
export const routers: Texts['routers'] = {
  part: 'Remove or give away this router',
  leave: {
    title: (name) => `Remove ${name}?`,
    why: 'Why do you remove this router?',
    ways: {
      give: {
        label: 'It goes to another family',
        description: 'You get a code to give them. They see nothing of your family.',
      },
      remove: {
        label: 'We do not use it any more',
        description: 'To use it again, enter the code that it shows then.',
      },
      stolen: {
        label: 'It was lost, or somebody copied its key',
        description: 'It is cut off at once, and its key is never good for anything again.',
      },
    },
    rules:
      'It is disconnected at once and gets no more of your rules. In its next home it deletes the rules, the devices and whatever it had not sent of this one.',
    confirm: { give: 'Get the code', remove: 'Remove it', stolen: 'Cut it off' },
    done: (name) => `${name} is removed`,
  },
  given: {
    title: (name) => `${name} waits for its next family`,
    text: (moment) => `Give them this code. It works once, until ${moment}.`,
    code: 'Claim code',
    once: 'Write it down now',
    onceText: 'It is shown only this once. If it gets lost, the router shows a new one after that time.',
    copy: 'Copy the link',
    copied: 'The link is copied',
  },
};
