import { describe, expect, test } from 'vitest';
import { isOwnHost, isSameSite } from './same-site.ts';

const router = ['192.168.1.1', 'fd50::1', 'fe80::1%br-lan'];

describe('isOwnHost', () => {
  test.each([
    ['khien.home.arpa', true],
    ['Khien.Home.Arpa', true],
    ['khien.home.arpa:5480', true],
    ['192.168.1.1', true],
    ['192.168.1.1:5480', true],
    ['[fd50::1]', true],
    ['[fd50:0::1]:5480', true],
    ['[fe80::1]', true],
    ['192.168.1.2', false],
    ['evil.example', false],
    ['khien.home.arpa.evil.example', false],
    ['evil.example:80', false],
    ['user@khien.home.arpa', false],
    ['khien.home.arpa/x', false],
    ['0xc0a80101', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (host, own) => {
    expect(isOwnHost(host, router)).toBe(own);
  });
});

describe('isSameSite', () => {
  const host = 'khien.home.arpa';
  test.each([
    [{ host, origin: 'http://khien.home.arpa' }, true],
    [{ host: 'khien.home.arpa:5480', origin: 'http://khien.home.arpa:5480' }, true],
    [{ host, origin: 'http://khien.home.arpa', 'sec-fetch-site': 'same-origin' }, true],
    [{ host, 'sec-fetch-site': 'same-origin' }, true],
    [{ host, referer: 'http://khien.home.arpa/?x' }, true],
    [{ host, origin: 'null' }, false],
    [{ host, origin: 'http://evil.example' }, false],
    [{ host, origin: 'http://khien.home.arpa:81' }, false],
    [{ host, origin: 'https://khien.home.arpa' }, false],
    [{ host, origin: 'http://khien.home.arpa', 'sec-fetch-site': 'cross-site' }, false],
    [{ host, 'sec-fetch-site': 'same-site' }, false],
    [{ host, referer: 'http://evil.example/http://khien.home.arpa/' }, false],
    [{ host }, false],
    [{ origin: 'http://khien.home.arpa' }, false],
  ])('%o: %s', (headers, same) => {
    expect(isSameSite(headers)).toBe(same);
  });
});
