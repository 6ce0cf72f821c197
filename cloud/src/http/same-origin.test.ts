import { expect, test } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

const publicUrl = new URL('https://khien.vn');
const host = 'khien.vn';

test.each([
  ['the page itself, as a browser says', { 'sec-fetch-site': 'same-origin', host }, true],
  ['typed by a person', { 'sec-fetch-site': 'none', host }, true],
  ['another site', { 'sec-fetch-site': 'cross-site', host }, false],
  ['a sister domain', { 'sec-fetch-site': 'same-site', host }, false],
  [
    'another site that sends our Origin too',
    { 'sec-fetch-site': 'cross-site', origin: 'https://khien.vn', host },
    false,
  ],
  ['an old browser on our page', { origin: 'https://khien.vn', host }, true],
  ['an old browser on another', { origin: 'https://evil.vn', host }, false],
  ['a name that begins like ours', { origin: 'https://khien.vn.evil.vn', host }, false],
  ['another port', { origin: 'https://khien.vn:8443', host }, false],
  ['a sandboxed frame', { origin: 'null', host }, false],
  [
    'a page at an address of this host',
    { origin: 'http://192.168.1.2:8080', host: '192.168.1.2:8080' },
    true,
  ],
  [
    'our page through a proxy that renames the host',
    { origin: 'https://khien.vn', host: 'backend:8080' },
    true,
  ],
  ['a program that says nothing', { host }, false],
  ['nonsense', { origin: 'khien.vn', host }, false],
] as const)('%s', (_who, headers, same) => {
  expect(isSameOrigin(headers, publicUrl)).toBe(same);
});
