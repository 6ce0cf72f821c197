import { expect, test } from 'vitest';
import { parseQueryLog } from './query-log.ts';

test('reads questions and nothing else', () => {
  const log = `Nov 21 19:00:01 dnsmasq[12]: started, version 2.90 cachesize 1000
Nov 21 19:00:02 dnsmasq[12]: query[A] www.example.org from 192.168.50.12
Nov 21 19:00:02 dnsmasq[12]: forwarded www.example.org to 8.8.8.8
Nov 21 19:00:02 dnsmasq[12]: reply www.example.org is 192.0.2.10
Nov 21 19:00:03 dnsmasq[12]: query[type=65] tiktok.com from fd50::aa
Nov 21 19:00:03 dnsmasq[12]: query[HTTPS`;
  expect(parseQueryLog(log)).toEqual([
    { type: 'A', name: 'www.example.org', from: '192.168.50.12' },
    { type: 'type=65', name: 'tiktok.com', from: 'fd50::aa' },
  ]);
});
