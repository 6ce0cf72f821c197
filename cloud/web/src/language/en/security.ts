import { counted } from '../plural.ts';
import type { Texts } from '../vi.ts';

/** What is said of signing in, and of what keeps an account its owner's. */
export const security: Texts['security'] = {
  title: 'Account and security',
  summary: 'Passkeys, password, recovery codes',
  noCodes: 'No recovery codes yet',

  passkeyWhat:
    'Opens with your finger, face or screen lock. Nothing to remember, nothing to be tricked out of.',
  signInPasskey: 'Use a passkey',
  signUpPasskey: 'Create the account with a passkey',
  withPassword: 'Use email and password',
  withPasskey: 'Use a passkey instead of a password',
  or: 'or with a password',
  lostAll: 'Lost your phone or forgot the password?',
  useCode: 'Use a recovery code',
  hindered: {
    insecure: 'Passkeys need https. This page was opened without it, so only the password works.',
    unsupported: 'This browser has no passkeys. You can use a password.',
    server: 'This server has no domain name with https, so there are no passkeys. You can use a password.',
  },

  recoverTitle: 'Use a recovery code',
  recoverIntro:
    'Enter one of the ten codes that you saved. It works once, and every other device is signed out.',
  code: 'Recovery code',
  codeHint: 'Small or capital letters, with or without hyphens.',
  recover: 'Open the account',
  backToSignIn: 'Back to signing in',
  renewTitle: 'Make a new way to sign in',
  renewIntro: 'You came in with a recovery code. Create a passkey or set a new password to go on.',
  renewPasskey: 'Create a passkey',

  confirmTitle: 'Confirm that it is you',
  confirmText: 'This matters to the whole family. Please show that it is you who holds this phone.',
  confirmPasskey: 'Confirm with a passkey',
  confirmPassword: 'Confirm',

  passkeys: 'Passkeys',
  passkeysNone: 'No passkeys yet',
  addPasskey: 'Add a passkey',
  passkeyAdded: 'The passkey is added',
  passkeyCreated: (when) => `created ${when}`,
  passkeyUsed: (when) => `Last used ${when}`,
  passkeyNeverUsed: 'Never used',
  passkeySynced: 'Synced between your devices',
  passkeyCopied: 'It may have been copied. Remove it and create a new one.',
  passkeySheet: 'This passkey',
  passkeyName: 'Name',
  passkeyRemove: 'Remove the passkey',
  passkeyRemoveText: 'The device that holds it cannot sign in any more. Where it is signed in, it stays so.',
  passkeyRemoved: 'The passkey is removed',

  password: 'Password',
  passwordNone: 'No password. Passkeys are safer.',
  passwordSet: (when) => `Set ${when}`,
  passwordAdd: 'Set a password',
  passwordChange: 'Change the password',
  passwordNew: 'New password',
  passwordEffect: 'Every other device is signed out.',
  passwordChanged: 'The password is changed. Other devices are signed out.',
  passwordRemove: 'Remove the password',
  passwordRemoveText: 'From now on you sign in with passkeys only.',
  passwordRemoved: 'The password is removed',

  codes: 'Recovery codes',
  codesText: 'When every phone is lost and the password forgotten, one code lets you in again.',
  codesNoneText: 'Without codes, to lose the phone can be to lose the account. It takes a minute.',
  codesLeft: (left, when) => `${counted(left, 'code', 'codes')} left, created ${when}`,
  codesFew: 'Few recovery codes are left',
  codesMake: 'Create recovery codes',
  codesRenew: 'Create new codes',
  codesRenewText: 'All earlier codes stop working.',
  codesTitle: 'Save these ten codes',
  codesOnce:
    'They are shown this once. Print them or keep them where children do not look. Each works one time.',
  codesDownload: 'Download',
  codesPrint: 'Print',
  codesSaved: 'I have saved them',
  codesFile: (account) => `Recovery codes of ${account} for Khiên`,

  sessions: 'Signed in on',
  sessionHere: 'This device',
  sessionOn: (browser, system) => `${browser} on ${system}`,
  sessionUnknown: 'Unknown browser',
  sessionUsed: (when) => `Last used ${when}`,
  sessionSince: (when) => `signed in ${when}`,
  sessionEnd: 'Sign out',
  sessionEndOf: (name) => `Sign out ${name}`,
  sessionEnded: (name) => `${name} is signed out`,
  sessionsEndOthers: 'Sign out everywhere else',
  sessionsEndOthersText: 'Only this device stays signed in.',
  sessionsEnded: 'Signed out everywhere else',

  you: 'About you',
  emailNone: 'No email yet',
  languageOfMessages: 'Language of messages to you',
  emailHint: 'For signing in with a password.',

  deleteAccount: 'Delete the account',
  deleteText: 'Your name, email, passkeys and sessions are deleted. There is no way back.',
  deleteHouseholds: 'You are the only owner of:',
  deleteHousehold: (name, others) =>
    others === 0
      ? `${name}: is deleted too`
      : `${name}: is deleted too, and lost to ${counted(others, 'other person', 'other people')}`,
  deleteHandOver: 'To keep it for the family, make somebody else an owner first, under People.',
  deleteRouters: 'The routers of these homes get no new rules any more.',
  deleteUnderstood: 'I understand and want to delete all of it',
  deleteConfirm: 'Delete the account',
  deleted: 'The account is deleted',
};
