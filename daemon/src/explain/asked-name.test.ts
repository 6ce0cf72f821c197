import { expect, it } from 'vitest';
import { askedName } from './asked-name.ts';

it.each([
  ['tiktok.com', 'tiktok.com'],
  ['  TikTok.COM. ', 'tiktok.com'],
  ['https://m.tiktok.com/@an?lang=vi#top', 'm.tiktok.com'],
  ['http://tiktok.com:8080', 'tiktok.com'],
  ['tiktok.com/@an', 'tiktok.com'],
  ['*.tiktok.com', 'tiktok.com'],
  ['https://bạn.vn/', 'xn--bn-f5s.vn'],
  ['_dns.resolver.arpa', '_dns.resolver.arpa'],
  // A rule may hold for www alone.
  ['www.tiktok.com', 'www.tiktok.com'],
  ['https://WWW.tiktok.com/', 'www.tiktok.com'],
  ['https://an:secret@www.tiktok.com/', 'www.tiktok.com'],
  ['www.www.tiktok.com', 'www.www.tiktok.com'],
  ['https://tiktok.com/?to=www.tiktok.com', 'tiktok.com'],
  ['https://tiktok.com/@www.example', 'tiktok.com'],
])('reads %j as %s', (text, name) => {
  expect(askedName(text)).toBe(name);
});

it.each([
  '',
  ' ',
  'tiktok',
  'tik tok.com',
  '192.0.2.1',
  'http://[2001:db8::1]/',
  'a..b',
  `${'a'.repeat(64)}.com`,
])('finds no name in %j', (text) => {
  expect(askedName(text)).toBeUndefined();
});
