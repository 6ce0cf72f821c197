import { catalogue, servicesInCategory } from '@khien/shared/catalogue';
import { dnsNameSchema, longestSuffix } from '@khien/shared/name';
import { policyBodySchema } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import { studyNames } from './study-names.ts';

const names = studyNames(catalogue);
const isOpen = (name: string) => longestSuffix(name, names) !== undefined;

test('opens what the catalogue calls study, with what that cannot work without', () => {
  for (const { names, needs = [] } of servicesInCategory('study')) {
    for (const name of [...names, ...needs]) expect(isOpen(name), name).toBe(true);
  }
});

test.each([
  'hoc247.net',
  'khoahoc.vietjack.com',
  'moet.gov.vn',
  'olm.vn',
  'truong.k12online.vn',
  'classroom.google.com',
  'accounts.google.com',
  'fonts.gstatic.com',
  'vi.wikipedia.org',
  'upload.wikimedia.org',
  'vi.khanacademy.org',
  'cdn.kastatic.org',
  'vio.edu.vn',
  'thcs-le-loi.hanoi.edu.vn',
  'us05web.zoom.us',
  'meet.google.com',
  'teams.microsoft.com',
  'login.microsoftonline.com',
  '2.android.pool.ntp.org',
])('opens %s', (name) => expect(isOpen(name)).toBe(true));

test.each(['tiktok.com', 'youtube.com', 'facebook.com', 'roblox.com', 'chatgpt.com', 'google.com.hk', 'vn'])(
  'does not open %s',
  (name) => expect(isOpen(name)).toBe(false),
);

test('opens of other services nothing but their part of hosts that Google shares, which shows nothing alone', () => {
  const others = catalogue.services.filter(({ category }) => category !== 'study');
  const opened = others.flatMap((service) => service.names.filter(isOpen));
  expect(opened.filter((name) => !/\.(googleapis|gstatic)\.com$/.test(name))).toEqual([]);
  expect(isOpen('r1.googlevideo.com') || isOpen('i.ytimg.com')).toBe(false);
});

test('is as many names as a policy holds, each once and none below another', () => {
  expect(policyBodySchema.shape.learningNames.safeParse(names).success).toBe(true);
  for (const name of names) expect(dnsNameSchema.parse(name)).toBe(name);
  expect(names).toEqual([...new Set(names)].sort());
  const below = names.filter((name) => names.some((other) => name.endsWith(`.${other}`)));
  expect(below).toEqual([]);
});
